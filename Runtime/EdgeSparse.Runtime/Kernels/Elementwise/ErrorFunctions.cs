using System.Numerics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>The error function and what is made of it, by polynomials fitted to double precision values at Chebyshev nodes.</summary>
internal static class ErrorFunctions
{
    /// <summary>erf(z) of |z| ≤ 1: z times a polynomial of z² of degree 6; relative error 6·10⁻⁸ before rounding.</summary>
    public static Vector<float> Near(Vector<float> z)
    {
        Vector<float> s = z * z;
        Vector<float> p = new(7.882497104105823e-05f);
        p = (p * s) - new Vector<float>(0.0008018854991185265f);
        p = (p * s) + new Vector<float>(0.005189311942516817f);
        p = (p * s) - new Vector<float>(0.026854328795967497f);
        p = (p * s) + new Vector<float>(0.11283597463484307f);
        p = (p * s) - new Vector<float>(0.37612626903579677f);
        p = (p * s) + new Vector<float>(1.128379165881502f);
        return p * z;
    }

    /// <summary>
    /// 1 − erf(z) of z ≥ 0: e^(−z²) · t · P(u), t = 1/(1 + z/2), P of degree 8 and u = t scaled from [1/6.2, 1] to [−1, 1]; relative
    /// error 1.3·10⁻⁷ before rounding, up to z = 10.4, from where on e^(−z²) is 0.
    /// </summary>
    public static Vector<float> Complement(Vector<float> z)
    {
        Vector<float> t = Vector<float>.One / ((z * 0.5f) + Vector<float>.One);
        Vector<float> u = (t * 2.3846153846153846f) - new Vector<float>(1.3846153846153846f);
        Vector<float> p = new(-5.595857058882103e-05f);
        p = (p * u) + new Vector<float>(2.357345877068706e-05f);
        p = (p * u) + new Vector<float>(0.0006071152283665948f);
        p = (p * u) - new Vector<float>(0.0006750425845218067f);
        p = (p * u) - new Vector<float>(0.006289268188351474f);
        p = (p * u) + new Vector<float>(0.006243756030711076f);
        p = (p * u) + new Vector<float>(0.10323154363875843f);
        p = (p * u) + new Vector<float>(0.3270026761384295f);
        p = (p * u) + new Vector<float>(0.5699115704858856f);
        return p * t * Exponentials.Exp(-(z * z));
    }
}

internal readonly struct Erf : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b)
    {
        Vector<float> magnitude = Vector.Abs(x);
        Vector<float> far = Vector.CopySign(Vector<float>.One - ErrorFunctions.Complement(magnitude), x);
        return Vector.ConditionalSelect(Vector.LessThan(magnitude, Vector<float>.One), ErrorFunctions.Near(x), far);
    }
}

/// <summary>x times the normal distribution, by 1 − erf where x is negative, so that small results keep their digits.</summary>
internal readonly struct Gelu : IElementFunction
{
    private const float RootOfHalf = 0.70710678118f;

    public static Vector<float> Of(Vector<float> x, float a, float b)
    {
        Vector<float> tail = ErrorFunctions.Complement(Vector.Abs(x) * RootOfHalf);
        Vector<float> twice = Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), tail, new Vector<float>(2f) - tail);
        return x * 0.5f * twice;
    }
}
