using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over CSR, four weights a multiplication: their inputs are put together one by one, which takes one
/// load each, while weights and indices come four at a time.
/// </summary>
internal static unsafe class LinearCsrVector128<TIndex>
    where TIndex : unmanaged
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        float* x = step->Input.Slots;
        uint* pointers = step->Pointers;
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            Vector128<float> a = Vector128<float>.Zero;
            Vector128<float> b = a;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 8; count -= 8)
            {
                a = Ops128.MultiplyAdd(Inputs(x, index), Vector128.Load(value), a);
                b = Ops128.MultiplyAdd(Inputs(x, index + 4), Vector128.Load(value + 4), b);
                value += 8;
                index += 8;
            }

            if (count >= 4)
            {
                a = Ops128.MultiplyAdd(Inputs(x, index), Vector128.Load(value), a);
                value += 4;
                index += 4;
                count -= 4;
            }

            float rest = 0f;
            for (; count != 0; count--)
            {
                rest += *value++ * x[LinearIndex.Of(index++)];
            }

            LinearSums.Store(step, Ops128.Sum(a + b) + rest, row);
        }

        LinearSums.Activate(step, share->FirstBlock, share->EndBlock);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Inputs(float* x, TIndex* index)
    {
        LinearIndex.Four(index, out nuint i, out nuint j, out nuint k, out nuint l);
        return Vector128.Create(x[i], x[j], x[k], x[l]);
    }
}
