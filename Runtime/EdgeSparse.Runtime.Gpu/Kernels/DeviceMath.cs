using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// Functions of single elements in single precision, made of nothing but sums, products, quotients, roots and bits, so that every
/// accelerator gives what the CPU's kernels give, within a few units in the last place.
/// </summary>
internal static class DeviceMath
{
    private const float LogarithmOf2 = 0.6931471805599453f;

    // ln 2 in two parts; integers up to 2^15 times the first are exact.
    private const float LogarithmHigh = 0.693359375f;
    private const float LogarithmLow = -0.000212194442f;

    // From here on sums with it have no digits after the point.
    private const float NoFraction = 8388608f;

    public static float FromBits(int bits) => Interop.IntAsFloat((uint)bits);

    public static int ToBits(float x) => (int)Interop.FloatAsInt(x);

    public static float Abs(float x) => FromBits(ToBits(x) & 0x7FFF_FFFF);

    public static float CopySign(float magnitude, float sign) =>
        FromBits((ToBits(magnitude) & 0x7FFF_FFFF) | (ToBits(sign) & unchecked((int)0x8000_0000)));

    public static bool IsNaN(float x) => (ToBits(x) & 0x7FFF_FFFF) > 0x7F80_0000;

    /// <summary>min(max(x, low), high), not a number where x is none.</summary>
    public static float Clamp(float x, float low, float high) => x < low ? low : x > high ? high : x;

    /// <summary>The larger one, not a number where one of the two is none.</summary>
    public static float Max(float x, float y) => IsNaN(x) || x > y ? x : y;

    public static float Min(float x, float y) => IsNaN(x) || x < y ? x : y;

    public static float Truncate(float x) => Abs(x) < NoFraction ? CopySign((int)x, x) : x;

    public static float Floor(float x)
    {
        float whole = Truncate(x);
        return whole > x ? whole - 1f : whole;
    }

    public static float Ceiling(float x)
    {
        float whole = Truncate(x);
        return whole < x ? CopySign(whole + 1f, x) : whole;
    }

    /// <summary>To the nearest integer, halves to the even one.</summary>
    public static float Round(float x)
    {
        float whole = Truncate(x);
        float rest = Abs(x - whole);
        bool isOdd = Abs(x) < NoFraction && ((int)whole & 1) != 0;
        return rest > 0.5f || (rest == 0.5f && isOdd) ? whole + CopySign(1f, x) : whole;
    }

    /// <summary>eˣ as the CPU's kernels compute it; see Exponentials there.</summary>
    public static float Exp(float x)
    {
        float clamped = Clamp(x, -104f, 89f);
        float n = Nearest(clamped * (1f / LogarithmOf2));
        float fraction = Fraction(clamped, n);

        // 2^n as two factors, which both are normal numbers where their product is none.
        int power = (int)n;
        int half = power >> 1;
        return (fraction + 1f) * PowerOf2(half) * PowerOf2(power - half);
    }

    /// <summary>eˣ − 1, relative to which the error is small also near 0; from 88 on that of 88.</summary>
    public static float Expm1(float x)
    {
        float clamped = Clamp(x, -87f, 88f);
        float n = Nearest(clamped * (1f / LogarithmOf2));
        float scale = PowerOf2((int)n);
        return (Fraction(clamped, n) * scale) + (scale - 1f);
    }

    /// <summary>
    /// ln x = n·ln 2 + ln m with m from √½ to √2; of s = (m − 1)/(m + 1), ln m = 2·(s + s³/3 + s⁵/5 + …), of which the terms to s¹¹
    /// leave 10⁻⁹.
    /// </summary>
    public static float Log(float x)
    {
        if (!(x > 0f))
        {
            return x == 0f ? float.NegativeInfinity : float.NaN;
        }

        if (x == float.PositiveInfinity)
        {
            return x;
        }

        // Numbers below the smallest normal one are taken as larger by 2^23.
        bool isSmall = x < 1.17549435e-38f;
        int bits = ToBits(isSmall ? x * NoFraction : x);
        int shift = bits - 0x3F35_04F3;
        float n = (shift >> 23) - (isSmall ? 23 : 0);
        float m = FromBits(bits - (shift & unchecked((int)0xFF80_0000)));
        float s = (m - 1f) / (m + 1f);
        float z = s * s;
        float p = 0.0909090909f;
        p = (p * z) + 0.111111111f;
        p = (p * z) + 0.142857143f;
        p = (p * z) + 0.2f;
        p = (p * z) + 0.333333333f;
        float tail = 2f * s * z * p;
        return (n * LogarithmHigh) + ((2f * s) + (tail + (n * LogarithmLow)));
    }

    /// <summary>ln(1 + x) of x from 0 to 1; what rounding did to 1 + x is taken out again (Kahan).</summary>
    public static float Log1p(float x)
    {
        float sum = 1f + x;
        float difference = sum - 1f;
        return difference == 0f ? x : Log(sum) * (x / difference);
    }

    /// <summary>x to the power of y; negative x have powers for whole y alone.</summary>
    public static float Pow(float x, float y)
    {
        if (y == 0f || x == 1f)
        {
            return 1f;
        }

        if (y == 2f)
        {
            return x * x;
        }

        if (y == 0.5f && x > 0f)
        {
            return MathF.Sqrt(x);
        }

        bool isWhole = Truncate(y) == y;
        if (x < 0f && !isWhole)
        {
            return float.NaN;
        }

        float half = y * 0.5f;
        float magnitude = Exp(y * Log(Abs(x)));
        return x < 0f && Truncate(half) != half ? -magnitude : magnitude;
    }

    /// <summary>
    /// The remainder of x / y with the sign of x. The quotient is a whole number of double precision: exact while it is below 2^29.
    /// </summary>
    public static float Remainder(float x, float y)
    {
        if (Abs(y) == float.PositiveInfinity && Abs(x) != float.PositiveInfinity)
        {
            return x;
        }

        double quotient = (double)x / y;
        double whole = quotient < 0 ? -(double)(long)-quotient : (double)(long)quotient;
        return IsNaN((float)quotient) ? float.NaN : (float)(x - (whole * y));
    }

    /// <summary>Nearest whole number of |x| below 2^22.</summary>
    private static float Nearest(float x) => (int)(x < 0f ? x - 0.5f : x + 0.5f);

    /// <summary>eʳ − 1 with r = x − n·ln 2: r + r²·P(r), P of degree 4.</summary>
    private static float Fraction(float x, float n)
    {
        float r = (n * -LogarithmHigh) + x;
        r = (n * -LogarithmLow) + r;
        float p = 0.00139262504f;
        p = (p * r) + 0.00836323295f;
        p = (p * r) + 0.0416665524f;
        p = (p * r) + 0.166665763f;
        p = (p * r) + 0.5f;
        return (p * (r * r)) + r;
    }

    private static float PowerOf2(int exponent) => FromBits((exponent + 127) << 23);
}
