using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over CSR: no gather pays on the machines at hand, so four scalar accumulators hide the latency of
/// the additions.
/// </summary>
internal static unsafe class LinearCsr<TIndex>
    where TIndex : unmanaged
{
    public static void Run(Step* step, int worker, int workers)
    {
        float* x = step->Input.Slots;
        float* y = step->Output.Slots;
        float* value = step->Values;
        var index = (TIndex*)step->Indices;
        for (int row = 0; row < step->Rows; row++)
        {
            float a = step->Bias[row];
            float b = 0f;
            float c = 0f;
            float d = 0f;
            uint count = step->Pointers[row + 1] - step->Pointers[row];
            for (; count >= 4; count -= 4)
            {
                a += value[0] * x[Index(index)];
                b += value[1] * x[Index(index + 1)];
                c += value[2] * x[Index(index + 2)];
                d += value[3] * x[Index(index + 3)];
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                a += *value++ * x[Index(index++)];
            }

            y[row] = OpsScalar.Clamp(step, a + b + (c + d));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Index(TIndex* index) => typeof(TIndex) == typeof(ushort) ? *(ushort*)index : *(uint*)index;
}
