using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// x · (bias + alpha/size · Σ x²)^−beta over neighbouring channels, row of slots by row of slots. Each window is summed anew: a sum
/// that slides would keep the rounding of large squares that have left it.
/// </summary>
internal static unsafe class LocalResponse
{
    private const int Piece = 256;

    [SkipLocalsInit]
    public static void Run(Step* step, int worker, int workers)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        int size = step->Parameters[0];
        float* numbers = (float*)step->Parameters;
        (float scale, float beta, float bias) = (numbers[1] / size, numbers[2], numbers[3]);
        int length = y.RegionX * y.Lanes;
        int pieces = (length + Piece - 1) / Piece;
        float* sums = stackalloc float[Piece];
        (int first, int end) = WorkerRange.Of(y.Channels * y.RegionY * pieces, worker, workers);
        for (int i = first; i < end; i++)
        {
            int at = i % pieces * Piece;
            int ry = i / pieces % y.RegionY;
            int c = i / pieces / y.RegionY;
            int count = Math.Min(Piece, length - at);
            new Span<float>(sums, count).Clear();
            int low = Math.Max(c - ((size - 1) / 2), 0);
            int high = (int)Math.Min(c + (long)(size / 2), y.Channels - 1);
            for (int other = low; other <= high; other++)
            {
                AddSquares(x.Slot(other, ry, 0) + at, sums, count);
            }

            Rows.Map<Affine>(sums, sums, count, scale, bias);
            RaiseRow(sums, count, beta);
            Rows.Pair<Times>(x.Slot(c, ry, 0) + at, 1, sums, 1, y.Slot(c, ry, 0) + at, count);
        }
    }

    private static void AddSquares(float* x, float* sums, int count)
    {
        int width = Vector<float>.Count;
        int i = 0;
        for (; i + width <= count; i += width)
        {
            Vector<float> value = Vector.Load(x + i);
            (Vector.Load(sums + i) + (value * value)).Store(sums + i);
        }

        for (; i < count; i++)
        {
            sums[i] += x[i] * x[i];
        }
    }

    /// <summary>x^−beta; the usual ones by roots.</summary>
    private static void RaiseRow(float* x, int count, float beta)
    {
        switch (beta)
        {
            case 0.75f:
                Rows.Map<RootOfCube>(x, x, count, 0f, 0f);
                break;
            case 0.5f:
                Rows.Map<SquareRoot>(x, x, count, 0f, 0f);
                break;
            case 1f:
                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    x[i] = MathF.Pow(x[i], beta);
                }

                break;
        }

        Rows.Map<Reciprocal>(x, x, count, 0f, 0f);
    }

    /// <summary>a·x + b.</summary>
    private readonly struct Affine : IElementFunction
    {
        public static Vector<float> Of(Vector<float> x, float a, float b) => (x * a) + new Vector<float>(b);
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

    private readonly struct Times : IPairFunction
    {
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => x * y;
    }
}
