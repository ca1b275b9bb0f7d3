using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>One operand where a condition is not 0, another where it is; all planar and broadcast.</summary>
internal static unsafe class Select
{
    private const int Piece = 512;

    [SkipLocalsInit]
    public static void Run(Step* step, int worker, int workers)
    {
        const int operands = 3;
        int rank = step->Parameters[0];
        int* dimensions = step->Parameters + 1;
        int* last = dimensions + ((rank - 1) * (1 + operands));
        (int length, nint stride0, nint stride1, nint stride2) = rank == 0 ? (1, 0, 0, 0) : (last[0], last[1], last[2], last[3]);
        int outer = Math.Max(rank - 1, 0);
        int pieces = (length + Piece - 1) / Piece;
        (int first, int end) = WorkerRange.Of(BroadcastCursor.Places(dimensions, outer, operands) * pieces, worker, workers);
        var cursor = new BroadcastCursor(dimensions, outer, operands, first / pieces);
        float* buffers = stackalloc float[operands * Piece];
        for (int i = first; i < end; i++)
        {
            int at = i % pieces * Piece;
            int count = Math.Min(Piece, length - at);
            float* condition = Rows.Take(step->Input.Slots + cursor[0] + (at * stride0), stride0, count, buffers, out nint step0);
            float* x = Rows.Take(step->Input1.Slots + cursor[1] + (at * stride1), stride1, count, buffers + Piece, out nint step1);
            float* z = Rows.Take(step->Input2.Slots + cursor[2] + (at * stride2), stride2, count, buffers + (2 * Piece), out nint step2);
            float* to = step->Output.Slots + ((nint)(i / pieces) * length) + at;
            Row(condition, step0, x, step1, z, step2, to, count);
            Activations.Finish(step, to, count);
            if (at + count == length)
            {
                cursor.Next();
            }
        }
    }

    private static void Row(float* condition, nint step0, float* x, nint step1, float* z, nint step2, float* to, int count)
    {
        int width = Vector<float>.Count;
        int i = 0;
        for (; i + width <= count; i += width, condition += step0 * width, x += step1 * width, z += step2 * width)
        {
            Vector<int> isZero = Vector.Equals(Vector.Load(condition), Vector<float>.Zero);
            Vector.ConditionalSelect(isZero, Vector.Load(z), Vector.Load(x)).Store(to + i);
        }

        for (; i < count; i++, condition += step0, x += step1, z += step2)
        {
            to[i] = *condition == 0f ? *z : *x;
        }
    }
}
