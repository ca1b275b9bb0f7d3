using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>How elements become one.</summary>
internal interface IFold
{
    /// <summary>What changes nothing.</summary>
    static abstract float Start { get; }

    static abstract Vector<float> Join(Vector<float> left, Vector<float> right);

    static abstract float Join(float left, float right);
}

internal readonly struct SumFold : IFold
{
    public static float Start => 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Join(Vector<float> left, Vector<float> right) => left + right;

    public static float Join(float left, float right) => left + right;
}

internal readonly struct ProductFold : IFold
{
    public static float Start => 1f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Join(Vector<float> left, Vector<float> right) => left * right;

    public static float Join(float left, float right) => left * right;
}

/// <summary>Not a number where one is none.</summary>
internal readonly struct MaxFold : IFold
{
    public static float Start => float.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Join(Vector<float> left, Vector<float> right) => Vector.Max(left, right);

    public static float Join(float left, float right) => MathF.Max(left, right);
}

internal readonly struct MinFold : IFold
{
    public static float Start => float.PositiveInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Join(Vector<float> left, Vector<float> right) => Vector.Min(left, right);

    public static float Join(float left, float right) => MathF.Min(left, right);
}

/// <summary>Rows of consecutive elements become one.</summary>
internal static unsafe class Fold<TFold>
    where TFold : struct, IFold
{
    [SkipLocalsInit]
    public static float Row(float* x, int count)
    {
        int width = Vector<float>.Count;
        int i = 0;
        Vector<float> a = new(TFold.Start);
        Vector<float> b = a;
        Vector<float> c = a;
        Vector<float> d = a;
        for (; i + (4 * width) <= count; i += 4 * width)
        {
            a = TFold.Join(a, Vector.Load(x + i));
            b = TFold.Join(b, Vector.Load(x + i + width));
            c = TFold.Join(c, Vector.Load(x + i + (2 * width)));
            d = TFold.Join(d, Vector.Load(x + i + (3 * width)));
        }

        for (; i + width <= count; i += width)
        {
            a = TFold.Join(a, Vector.Load(x + i));
        }

        float result = Lanes(TFold.Join(TFold.Join(a, b), TFold.Join(c, d)));
        for (; i < count; i++)
        {
            result = TFold.Join(result, x[i]);
        }

        return result;
    }

    /// <summary>The lanes of a vector.</summary>
    [SkipLocalsInit]
    public static float Lanes(Vector<float> vector)
    {
        float* lanes = stackalloc float[Rows.MostLanes];
        vector.Store(lanes);
        float result = lanes[0];
        for (int i = 1; i < Vector<float>.Count; i++)
        {
            result = TFold.Join(result, lanes[i]);
        }

        return result;
    }
}
