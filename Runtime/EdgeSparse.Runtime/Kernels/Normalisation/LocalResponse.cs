using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// x / (bias + alpha/size · Σ x²)^beta over neighbouring channels, row of slots by row of slots. Each window is summed anew: a sum
/// that slides would keep the rounding of large squares that have left it.
/// </summary>
internal static unsafe class LocalResponse
{
    private const int Piece = 256;

    public static void Run(Step* step, int worker, int workers)
    {
        switch (((float*)step->Parameters)[2])
        {
            case 0.75f:
                Run<RootOfCube>(step, worker, workers);
                break;
            case 0.5f:
                Run<SquareRoot>(step, worker, workers);
                break;
            case 1f:
                Run<Same>(step, worker, workers);
                break;
            default:
                Run<AnyPower>(step, worker, workers);
                break;
        }
    }

    [SkipLocalsInit]
    private static void Run<TPower>(Step* step, int worker, int workers)
        where TPower : struct, IElementFunction
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        int size = step->Parameters[0];
        int length = y.RegionX * y.Lanes;
        int pieces = (length + Piece - 1) / Piece;
        float* rest = stackalloc float[Rows.MostLanes];
        (int first, int end) = WorkerRange.Of(y.Channels * y.RegionY * pieces, worker, workers);
        for (int i = first; i < end; i++)
        {
            int at = i % pieces * Piece;
            int ry = i / pieces % y.RegionY;
            int c = i / pieces / y.RegionY;
            int low = Math.Max(c - ((size - 1) / 2), 0);
            int high = (int)Math.Min(c + (long)(size / 2), y.Channels - 1);
            int count = Math.Min(Piece, length - at);
            float* window = x.Slot(low, ry, 0) + at;
            float* from = x.Slot(c, ry, 0) + at;
            float* to = y.Slot(c, ry, 0) + at;
            int done = 0;
            for (; done + Vector<float>.Count <= count; done += Vector<float>.Count)
            {
                Vector<float> sum = Vector<float>.Zero;
                float* other = window + done;
                for (int k = low; k <= high; k++, other += x.ChannelStride)
                {
                    Vector<float> value = Vector.Load(other);
                    sum += value * value;
                }

                (Vector.Load(from + done) / Power<TPower>(step, sum)).Store(to + done);
            }

            for (; done < count; done++)
            {
                // A vector of the same number, so that an element has the same bits wherever it lies.
                float sum = 0f;
                float* other = window + done;
                for (int k = low; k <= high; k++, other += x.ChannelStride)
                {
                    sum += *other * *other;
                }

                Power<TPower>(step, new Vector<float>(sum)).Store(rest);
                to[done] = from[done] / *rest;
            }
        }
    }

    /// <summary>(bias + alpha/size · sum)^beta.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Power<TPower>(Step* step, Vector<float> sum)
        where TPower : struct, IElementFunction
    {
        float* numbers = (float*)step->Parameters;
        return TPower.Of((sum * (numbers[1] / step->Parameters[0])) + new Vector<float>(numbers[3]), numbers[2], 0f);
    }

    /// <summary>x to the power of 3/4.</summary>
    private readonly struct RootOfCube : IElementFunction
    {
        public static Vector<float> Of(Vector<float> x, float a, float b)
        {
            Vector<float> root = Vector.SquareRoot(x);
            return root * Vector.SquareRoot(root);
        }
    }

    private readonly struct Same : IElementFunction
    {
        public static Vector<float> Of(Vector<float> x, float a, float b) => x;
    }

    /// <summary>x to the power of a.</summary>
    private readonly struct AnyPower : IElementFunction
    {
        [SkipLocalsInit]
        public static Vector<float> Of(Vector<float> x, float a, float b)
        {
            float* results = stackalloc float[Rows.MostLanes];
            for (int i = 0; i < Vector<float>.Count; i++)
            {
                results[i] = MathF.Pow(x[i], a);
            }

            return Vector.Load(results);
        }
    }
}
