using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>What the functions of the exponential share.</summary>
internal static class Exponentials
{
    // From here on the result is 0, or infinite.
    private const float Least = -104f;
    private const float Most = 89f;
    private const float LogarithmOf2 = 0.6931471805599453f;

    // ln 2 in two parts; integers up to 2¹⁵ times the first are exact.
    private const float LogarithmHigh = 0.693359375f;
    private const float LogarithmLow = -0.000212194442f;
    private const int ExponentBias = 127;
    private const int FractionBits = 23;

    // Where 2ⁿ is a normal number.
    private const float LeastNormal = -87f;
    private const float MostNormal = 88f;

    /// <summary>
    /// eˣ = 2ⁿ·eʳ with |r| ≤ ln 2 / 2 and e^r = 1 + r + r²·P(r), P of degree 4 fitted to double precision values at Chebyshev nodes:
    /// relative error 1.04·10⁻⁸ before rounding. In single precision throughout, where the framework's goes through double.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        (Vector<int> power, Vector<float> fraction) = Reduced(Bounds.Clamp(x, Least, Most));

        // 2ⁿ as two factors, which both are normal numbers where their product is none.
        Vector<int> half = Vector.ShiftRightArithmetic(power, 1);
        return (fraction + Vector<float>.One) * PowerOf2(half) * PowerOf2(power - half);
    }

    /// <summary>eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1), relative to which the error is small also near 0; from 88 on that of 88.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Expm1(Vector<float> x)
    {
        (Vector<int> power, Vector<float> fraction) = Reduced(Bounds.Clamp(x, LeastNormal, MostNormal));
        Vector<float> scale = PowerOf2(power);
        return Vector.MultiplyAddEstimate(fraction, scale, scale - Vector<float>.One);
    }

    /// <summary>ln(1 + x) of x from 0 to 1 (Kahan's correction: what rounding did to 1 + x is taken out again).</summary>
    public static Vector<float> Log1p(Vector<float> x)
    {
        Vector<float> sum = Vector<float>.One + x;
        Vector<float> difference = sum - Vector<float>.One;
        return Vector.ConditionalSelect(Vector.Equals(difference, Vector<float>.Zero), x, Vector.Log(sum) * (x / difference));
    }

    /// <summary>n and eʳ − 1 of x = n·ln 2 + r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<int> Power, Vector<float> Fraction) Reduced(Vector<float> x)
    {
        Vector<float> n = Vector.Round(x * (1f / LogarithmOf2));
        Vector<float> r = Vector.MultiplyAddEstimate(n, new Vector<float>(-LogarithmHigh), x);
        r = Vector.MultiplyAddEstimate(n, new Vector<float>(-LogarithmLow), r);
        Vector<float> p = new(0.00139262504f);
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.00836323295f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.0416665524f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.166665763f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.5f));
        return (Vector.ConvertToInt32Native(n), Vector.MultiplyAddEstimate(p, r * r, r));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> PowerOf2(Vector<int> exponent) =>
        Vector.AsVectorSingle(Vector.ShiftLeft(exponent + new Vector<int>(ExponentBias), FractionBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> SigmoidOf(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Exp(-x));
}

internal readonly struct Exp : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Exponentials.Exp(x);
}

/// <summary>1 / (1 + e⁻ˣ).</summary>
internal readonly struct Sigmoid : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Exponentials.SigmoidOf(x);
}

internal readonly struct Log : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector.Log(x);
}

/// <summary>e^(x − a).</summary>
internal readonly struct ShiftedExp : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Exponentials.Exp(x - new Vector<float>(a));
}

/// <summary>t / (t + 2) with t = e^2|x| − 1, and the sign of x.</summary>
internal readonly struct Tanh : IElementFunction
{
    /// <summary>From here on the result is 1.</summary>
    private const float Flat = 10f;

    public static Vector<float> Of(Vector<float> x, float a, float b)
    {
        Vector<float> magnitude = Vector.Min(Vector.Abs(x), new Vector<float>(Flat));
        Vector<float> t = Exponentials.Expm1(magnitude + magnitude);
        return Vector.CopySign(t / (t + new Vector<float>(2f)), x);
    }
}

internal readonly struct Elu : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) =>
        Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, Vector<float>.Zero), x, Exponentials.Expm1(x) * a);
}

internal readonly struct Selu : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) =>
        Vector.ConditionalSelect(Vector.GreaterThan(x, Vector<float>.Zero), x, Exponentials.Expm1(x) * a) * b;
}

/// <summary>max(x, 0) + ln(1 + e^−|x|), which neither overflows nor loses small results.</summary>
internal readonly struct Softplus : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) =>
        Vector.Max(x, Vector<float>.Zero) + Exponentials.Log1p(Exponentials.Exp(-Vector.Abs(x)));
}

/// <summary>x · n / (n + 2) with n = e²ˣ + 2eˣ: that is tanh(ln(1 + eˣ)).</summary>
internal readonly struct Mish : IElementFunction
{
    /// <summary>From here on the result is x.</summary>
    private const float Linear = 20f;

    public static Vector<float> Of(Vector<float> x, float a, float b)
    {
        Vector<float> e = Exponentials.Exp(Vector.Min(x, new Vector<float>(Linear)));
        Vector<float> n = e * (e + new Vector<float>(2f));
        return x * (n / (n + new Vector<float>(2f)));
    }
}

/// <summary>The approximation by tanh, as 1 + tanh(u) = 2 / (1 + e^−2u).</summary>
internal readonly struct GeluTanh : IElementFunction
{
    /// <summary>2·√(2/π).</summary>
    private const float Scale = 1.5957691216f;

    public static Vector<float> Of(Vector<float> x, float a, float b) =>
        x * Exponentials.SigmoidOf(x * Scale * ((x * x * 0.044715f) + Vector<float>.One));
}
