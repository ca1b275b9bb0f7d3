using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// What becomes of the sums of a fully connected layer: the bias is added, and the step's second operand if it has one, then the
/// activation follows. The result may lie where the second operand does.
/// </summary>
internal static unsafe class LinearSums
{
    /// <summary>Finishes the sums of rows from one on, as many as a vector has elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TOps, TVector>(Step* step, TVector sums, nint row)
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged
    {
        if (row + TOps.Count > step->Rows)
        {
            StoreSome<TOps, TVector>(step, sums, row);
            return;
        }

        sums = TOps.Add(sums, TOps.Load(step->Bias + row));
        if (step->Input1.Slots != null)
        {
            sums = TOps.Add(sums, TOps.Load(step->Input1.Slots + row));
        }

        TOps.Store(TOps.Clamp(step, sums), step->Output.Slots + row);
    }

    /// <summary>Finishes the sum of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Step* step, float sum, nint row)
    {
        sum += step->Bias[row];
        if (step->Input1.Slots != null)
        {
            sum += step->Input1.Slots[row];
        }

        step->Output.Slots[row] = OpsScalar.Clamp(step, sum);
    }

    /// <summary>The activation over rows that have been stored, unless bounds are all of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Activate(Step* step, int firstRow, int endRow)
    {
        if (!Activations.IsClamp(step->Activation) && firstRow < endRow)
        {
            Activations.Apply(step->Output.Slots + firstRow, endRow - firstRow, step->Activation, step->ActivationA, step->ActivationB);
        }
    }

    /// <summary>Sums of which the last ones are of no row: the last block of a weight.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreSome<TOps, TVector>(Step* step, TVector sums, nint row)
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged
    {
        float* all = stackalloc float[TOps.Count];
        TOps.Store(sums, all);
        for (nint r = row; r < step->Rows; r++)
        {
            Store(step, all[r - row], r);
        }
    }
}
