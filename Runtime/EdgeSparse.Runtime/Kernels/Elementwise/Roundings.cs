using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

internal readonly struct Floor : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector.Floor(x);
}

internal readonly struct Ceil : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector.Ceiling(x);
}

internal readonly struct Truncate : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector.Truncate(x);
}

/// <summary>Halves to the even number.</summary>
internal readonly struct Round : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector.Round(x);
}

/// <summary>To 16 bits and back, element by element.</summary>
internal readonly unsafe struct ToHalf : IElementFunction
{
    [SkipLocalsInit]
    public static Vector<float> Of(Vector<float> x, float a, float b)
    {
        float* results = stackalloc float[Rows.MostLanes];
        for (int i = 0; i < Vector<float>.Count; i++)
        {
            results[i] = (float)(Half)x[i];
        }

        return Vector.Load(results);
    }
}

/// <summary>
/// Truncated, modulo 2^a; with b = 1 from −2^(a−1) on. Numbers that are in range already are not touched: differences of large
/// powers of two would round them.
/// </summary>
internal readonly struct WrapInteger : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b)
    {
        float range = MathF.ScaleB(1f, (int)a);
        float low = b == 0f ? 0f : -range / 2f;
        float high = range + low;
        Vector<float> whole = Vector.Truncate(x);
        Vector<float> wrapped = whole - (Vector.Floor(whole * (1f / range)) * range);
        wrapped = Vector.ConditionalSelect(
            Vector.GreaterThanOrEqual(wrapped, new Vector<float>(high)), wrapped - new Vector<float>(range), wrapped);
        Vector<int> isInside = Vector.GreaterThanOrEqual(whole, new Vector<float>(low)) & Vector.LessThan(whole, new Vector<float>(high));
        return Vector.ConditionalSelect(isInside, whole, wrapped);
    }
}
