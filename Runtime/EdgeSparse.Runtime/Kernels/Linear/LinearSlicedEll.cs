using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over windowed sliced ELL, for any lanes and window, so that every blob runs on every machine:
/// entries in the order in which they lie, inputs fetched one by one.
/// </summary>
internal static unsafe class LinearSlicedEll
{
    /// <summary>Any lanes, one multiplication at a time.</summary>
    public static void RunScalar(Step* step, int worker, int workers)
    {
        int lanes = step->Lanes;
        ConvShare* share = step->Shares + worker;
        uint* starts = step->Pointers + ((nint)share->FirstBlock * SlicedEllCheck.UnitKinds * step->WindowCount);
        float* sums = Sums(step, worker);
        for (int slice = share->FirstBlock; slice < share->EndBlock; slice++)
        {
            new Span<float>(sums, lanes).Clear();
            nuint end = starts[SlicedEllCheck.UnitKinds * step->WindowCount];
            for (nuint e = starts[0]; e < end; e++)
            {
                float* x = step->Input.Slots + ((nuint)((ushort*)step->Windows)[e] * (nuint)step->Window);
                float* value = step->Values + (e * (nuint)lanes);
                byte* index = (byte*)step->Indices + (e * (nuint)lanes);
                for (int lane = 0; lane < lanes; lane++)
                {
                    sums[lane] += value[lane] * x[index[lane]];
                }
            }

            int first = slice * lanes;
            StoreRows(step, first, sums);
            starts += SlicedEllCheck.UnitKinds * step->WindowCount;
        }
    }

    /// <summary>Any number of lanes that is a multiple of 4: four inputs are put together one by one, the rest is vectors.</summary>
    public static void Run4Vector128(Step* step, int worker, int workers)
    {
        nuint lanes = (nuint)step->Lanes;
        ConvShare* share = step->Shares + worker;
        uint* starts = step->Pointers + ((nint)share->FirstBlock * SlicedEllCheck.UnitKinds * step->WindowCount);
        float* sums = Sums(step, worker);
        for (int slice = share->FirstBlock; slice < share->EndBlock; slice++)
        {
            nuint first = (nuint)slice * lanes;
            nuint end = starts[SlicedEllCheck.UnitKinds * step->WindowCount];
            for (nuint lane = 0; lane < lanes; lane += 4)
            {
                Vector128<float> a = Vector128<float>.Zero;
                Vector128<float> b = a;
                nuint e = starts[0];
                for (; e + 2 <= end; e += 2)
                {
                    a = Vector128.MultiplyAddEstimate(Inputs(step, e, lane), Vector128.Load(step->Values + (e * lanes) + lane), a);
                    b = Vector128.MultiplyAddEstimate(Inputs(step, e + 1, lane), Vector128.Load(step->Values + ((e + 1) * lanes) + lane), b);
                }

                if (e < end)
                {
                    a = Vector128.MultiplyAddEstimate(Inputs(step, e, lane), Vector128.Load(step->Values + (e * lanes) + lane), a);
                }

                Vector128.Store(a + b, sums + lane);
            }

            StoreRows(step, (int)first, sums);
            starts += SlicedEllCheck.UnitKinds * step->WindowCount;
        }
    }

    /// <summary>A worker's place for the sums of a slice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Sums(Step* step, int worker) => step->Scratch + ((nint)worker * SlicedEllCheck.MostLanes);

    /// <summary>Finishes the sums of a slice and stores them where their rows are.</summary>
    /// <param name="step">The step.</param>
    /// <param name="first">The slice's first lane.</param>
    /// <param name="sums">One a lane.</param>
    public static void StoreRows(Step* step, int first, float* sums)
    {
        int* rows = step->RowMap + first;
        float* added = step->Input1.Slots;
        for (int lane = 0; lane < step->Lanes; lane++)
        {
            float sum = sums[lane] + step->LaneBias[first + lane];
            sums[lane] = OpsScalar.Clamp(step, added == null || rows[lane] < 0 ? sum : sum + added[rows[lane]]);
        }

        if (!Activations.IsClamp(step->Activation))
        {
            Activations.Apply(sums, step->Lanes, step->Activation, step->ActivationA, step->ActivationB);
        }

        for (int lane = 0; lane < step->Lanes; lane++)
        {
            if (rows[lane] >= 0)
            {
                step->Output.Slots[rows[lane]] = sums[lane];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Inputs(Step* step, nuint entry, nuint lane)
    {
        float* x = step->Input.Slots + ((nuint)((ushort*)step->Windows)[entry] * (nuint)step->Window);
        byte* index = (byte*)step->Indices + (entry * (nuint)step->Lanes) + lane;
        return Vector128.Create(x[index[0]], x[index[1]], x[index[2]], x[index[3]]);
    }
}
