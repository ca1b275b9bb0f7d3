using System.Runtime.CompilerServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// A function of two operands: in slots, row by row of the same regions or with a number a channel; or planar and broadcast, where
/// the last dimension is a row.
/// </summary>
internal static unsafe class Binary
{
    /// <summary>Elements of a row that are done at once: few enough to stay in the first-level cache for the activation.</summary>
    private const int Piece = 512;

    public static void Plan(Step* step)
    {
        step->Pair = PairFunctions.Row((ElementFunction)step->Function);
        ref readonly Planes y = ref step->Output;
        ref Planes z = ref step->Input1;
        bool isSame = z.HasRegionsOf(in y) && z.Channels == y.Channels && z.Height == y.Height && z.Width == y.Width;
        if (step->Parameters == null && !isSame)
        {
            if (y.Height * y.Width == 1 && y.IsPlanar)
            {
                // A vector by a vector of another shape: element by element, too.
                z.RowStride = z.ChannelStride = 1;
            }
            else
            {
                step->IsPerChannel = 1;
            }
        }
    }

    public static void Run(Step* step, int worker, int workers)
    {
        if (step->Parameters == null)
        {
            Regions(step, worker, workers);
        }
        else
        {
            Planar(step, worker, workers);
        }
    }

    [SkipLocalsInit]
    private static void Regions(Step* step, int worker, int workers)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes z = ref step->Input1;
        ref readonly Planes y = ref step->Output;
        bool isPerChannel = step->IsPerChannel != 0;
        (int channels, int rows, int length) = (y.Channels, y.RegionY, y.RegionX * y.Lanes);
        if (x.RowStride == length && y.RowStride == length && (isPerChannel || z.RowStride == length))
        {
            (length, rows) = (length * rows, 1);
        }

        if (rows == 1 && !isPerChannel && x.ChannelStride == length && y.ChannelStride == length && z.ChannelStride == length)
        {
            (length, channels) = (length * channels, 1);
        }

        float* number = stackalloc float[Rows.MostLanes];
        int pieces = (length + Piece - 1) / Piece;
        (int first, int end) = WorkerRange.Of(channels * rows * pieces, worker, workers);
        for (int i = first; i < end; i++)
        {
            int at = i % pieces * Piece;
            int ry = i / pieces % rows;
            int c = i / pieces / rows;
            int count = Math.Min(Piece, length - at);
            float* second = isPerChannel
                ? Rows.Take(z.Slots + c, 0, count, number, out nint second1)
                : Rows.Take(z.Slot(c, ry, 0) + at, 1, count, number, out second1);
            float* to = y.Slot(c, ry, 0) + at;
            step->Pair(x.Slot(c, ry, 0) + at, 1, second, second1, to, count);
            Activations.Finish(step, to, count);
        }
    }

    [SkipLocalsInit]
    private static void Planar(Step* step, int worker, int workers)
    {
        const int operands = 2;
        int rank = step->Parameters[0];
        int* dimensions = step->Parameters + 1;
        int* last = dimensions + ((rank - 1) * (1 + operands));
        (int length, nint stride0, nint stride1) = rank == 0 ? (1, 0, 0) : (last[0], last[1], last[2]);
        int outer = Math.Max(rank - 1, 0);
        int pieces = (length + Piece - 1) / Piece;
        (int first, int end) = WorkerRange.Of(BroadcastCursor.Places(dimensions, outer, operands) * pieces, worker, workers);
        var cursor = new BroadcastCursor(dimensions, outer, operands, first / pieces);
        float* buffers = stackalloc float[operands * Piece];
        for (int i = first; i < end; i++)
        {
            int at = i % pieces * Piece;
            int count = Math.Min(Piece, length - at);
            float* x = Rows.Take(step->Input.Slots + cursor[0] + (at * stride0), stride0, count, buffers, out nint step0);
            float* z = Rows.Take(step->Input1.Slots + cursor[1] + (at * stride1), stride1, count, buffers + Piece, out nint step1);
            float* to = step->Output.Slots + ((nint)(i / pieces) * length) + at;
            step->Pair(x, step0, z, step1, to, count);
            Activations.Finish(step, to, count);
            if (at + count == length)
            {
                cursor.Next();
            }
        }
    }
}
