using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// What becomes of the sums of sliced ELL, which kernels leave in <see cref="Step.Scratch"/> in the order of lanes: bias, second
/// operand, activation, and each lane to its row. It is a pass of its own, because a call in the loop over slices would make the
/// compiler keep constants on the stack and load them again for every unit.
/// </summary>
internal static unsafe class SliceSums
{
    /// <summary>Finishes the sums of a worker's slices, <see cref="IVectorOps{TVector}.Count"/> lanes at a time.</summary>
    /// <param name="step">A step whose slices have a multiple of so many lanes.</param>
    /// <param name="worker">The worker.</param>
    public static void Finish<TOps, TVector>(Step* step, int worker)
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged
    {
        if (step->Input1.Slots != null || !Activations.IsClamp(step->Activation))
        {
            Finish(step, worker);
            return;
        }

        (nint first, nint end) = LanesOf(step, worker);
        nint whole = Math.Min(end, (nint)step->WholeSlices * step->Lanes);
        int* rows = step->RowMap;
        float* sums = step->Scratch;
        float* y = step->Output.Slots;
        for (nint lane = first; lane < end; lane += TOps.Count)
        {
            TOps.Store(TOps.Clamp(step, TOps.Add(TOps.Load(sums + lane), TOps.Load(step->LaneBias + lane))), sums + lane);
            for (nint l = lane; l < lane + TOps.Count && lane < whole; l += 4)
            {
                y[(nuint)(uint)rows[l]] = sums[l];
                y[(nuint)(uint)rows[l + 1]] = sums[l + 1];
                y[(nuint)(uint)rows[l + 2]] = sums[l + 2];
                y[(nuint)(uint)rows[l + 3]] = sums[l + 3];
            }
        }

        Scatter(step, Math.Max(first, whole), end);
    }

    /// <summary>Finishes the sums of a worker's slices of any number of lanes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Finish(Step* step, int worker)
    {
        (nint first, nint end) = LanesOf(step, worker);
        float* sums = step->Scratch;
        float* added = step->Input1.Slots;
        for (nint lane = first; lane < end; lane++)
        {
            float sum = sums[lane] + step->LaneBias[lane];
            int row = step->RowMap[lane];
            sums[lane] = OpsScalar.Clamp(step, added == null || row < 0 ? sum : sum + added[row]);
        }

        if (!Activations.IsClamp(step->Activation) && first < end)
        {
            Activations.Apply(sums + first, (int)(end - first), step->Activation, step->ActivationA, step->ActivationB);
        }

        Scatter(step, first, end);
    }

    private static void Scatter(Step* step, nint first, nint end)
    {
        for (nint lane = first; lane < end; lane++)
        {
            if (step->RowMap[lane] >= 0)
            {
                step->Output.Slots[step->RowMap[lane]] = step->Scratch[lane];
            }
        }
    }

    private static (nint First, nint End) LanesOf(Step* step, int worker) =>
        ((nint)step->Shares[worker].FirstBlock * step->Lanes, (nint)step->Shares[worker].EndBlock * step->Lanes);
}
