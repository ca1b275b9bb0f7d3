using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector by columns: those of inputs that are zero are left out, so that after a ReLU, or around a digit, most
/// weights are not even read. Weights are finite (the packer refuses others), so that what is left out would have added zeros.
/// </summary>
/// <remarks>
/// Columns of several rows cannot be shared among workers without adding up their sums in an order that depends on how many there
/// are. So large weights lie in bands of rows, which are a worker's as a whole; how many there are, the weight alone decides
/// (CscFormat in the compiler). Each band costs a pointer, and the end of a loop, for each column that is not left out.
/// </remarks>
internal static unsafe class LinearCsc
{
    /// <summary>
    /// Columns between the one that is added and the one whose weights are asked for: of large weights, what is not left out lies
    /// here and there in a further cache, where no processor guesses it.
    /// </summary>
    public const int Ahead = 4;

    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        if (share->FirstBlock == share->EndBlock)
        {
            return;
        }

        float* x = step->Input.Slots;
        uint* columns = (uint*)step->Planes + ((nint)worker * step->PlaneElements);
        uint count = NonZeroInputs((uint*)x, (uint)step->Columns, columns);
        for (int band = share->FirstBlock; band < share->EndBlock; band++)
        {
            int first = band * step->BlockRows;
            int end = first + Math.Min(step->BlockRows, step->Rows - first);
            uint* pointers = step->Pointers + ((nint)band * step->Columns);
            float* sums = step->Scratch + first;
            new Span<float>(sums, end - first).Clear();
            for (uint k = 0; k < count; k++)
            {
                if (Sse.IsSupported)
                {
                    nuint ahead = pointers[columns[k + Ahead]];
                    Sse.Prefetch0(step->Values + ahead);
                    Sse.Prefetch0((byte*)(step->Values + ahead) + 64);
                    Sse.Prefetch0((ushort*)step->Indices + ahead);
                }

                nuint column = columns[k];
                nuint start = pointers[column];
                AddColumn(x[column], step->Values + start, (ushort*)step->Indices + start, pointers[column + 1] - (uint)start, sums);
            }

            Store(step, first, end);
        }
    }

    /// <summary>Lists the inputs that are not zero (−0 is zero, NaN is not), without a branch that zeros here and there would mislead.</summary>
    private static uint NonZeroInputs(uint* x, uint inputs, uint* columns)
    {
        uint count = 0;
        for (uint column = 0; column < inputs; column++)
        {
            columns[count] = column;
            count += x[column] << 1 != 0 ? 1u : 0u;
        }

        // What is asked for ahead of the end.
        new Span<uint>(columns + count, Ahead).Clear();
        return count;
    }

    /// <summary>The rows of a column differ, so that the sums of four can be in hand at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddColumn(float input, float* value, ushort* row, uint count, float* sums)
    {
        for (; count >= 4; count -= 4)
        {
            LinearIndex.Four(row, out nuint i, out nuint j, out nuint k, out nuint l);
            float a = float.MultiplyAddEstimate(input, value[0], sums[i]);
            float b = float.MultiplyAddEstimate(input, value[1], sums[j]);
            float c = float.MultiplyAddEstimate(input, value[2], sums[k]);
            float d = float.MultiplyAddEstimate(input, value[3], sums[l]);
            sums[i] = a;
            sums[j] = b;
            sums[k] = c;
            sums[l] = d;
            value += 4;
            row += 4;
        }

        for (; count != 0; count--)
        {
            float* sum = sums + *row++;
            *sum = float.MultiplyAddEstimate(input, *value++, *sum);
        }
    }

    private static void Store(Step* step, int first, int end)
    {
        nint row = first;
        for (; Hardware.HasVector128 && row + 4 <= end; row += 4)
        {
            LinearSums.Store<Ops128, Vector128<float>>(step, Vector128.Load(step->Scratch + row), row);
        }

        for (; row < end; row++)
        {
            LinearSums.Store(step, step->Scratch[row], row);
        }

        LinearSums.Activate(step, first, end);
    }
}
