using System.Runtime.CompilerServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>The activations, by the formulas of the CPU's kernels.</summary>
internal static class ActivationMath
{
    /// <summary>
    /// An activation that is no clamp; a and b are the operation's ActivationA and ActivationB. A function of its own in the device
    /// code: kernels that finish sixteen results each would have it sixteen times.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float Of(int kind, float a, float b, float x)
    {
        switch ((Activation)kind)
        {
            case Activation.LeakyRelu:
                return x >= 0f ? x : x * a;
            case Activation.HardSwish:
                return x * DeviceMath.Clamp((x * (1f / 6f)) + 0.5f, 0f, 1f);
            case Activation.Sigmoid:
                return Sigmoid(x);
            case Activation.Tanh:
                return Tanh(x);
            case Activation.Elu:
                return x >= 0f ? x : DeviceMath.Expm1(x) * a;
            case Activation.Selu:
                return (x > 0f ? x : DeviceMath.Expm1(x) * a) * b;
            case Activation.HardSigmoid:
                return DeviceMath.Clamp((x * a) + b, 0f, 1f);
            case Activation.Softplus:
                return DeviceMath.Max(x, 0f) + DeviceMath.Log1p(DeviceMath.Exp(-DeviceMath.Abs(x)));
            case Activation.Gelu:
                return Gelu(x);
            case Activation.GeluTanh:
                return x * Sigmoid(x * 1.5957691216f * ((x * x * 0.044715f) + 1f));
            case Activation.Mish:
                return Mish(x);
            case Activation.Erf:
                return Erf(x);
            case Activation.Exp:
                return DeviceMath.Exp(x);
            case Activation.Log:
                return DeviceMath.Log(x);
            case Activation.Sqrt:
                return MathF.Sqrt(x);
            case Activation.Abs:
                return DeviceMath.Abs(x);
            case Activation.Neg:
                return -x;
            case Activation.Reciprocal:
                return 1f / x;
            case Activation.Floor:
                return DeviceMath.Floor(x);
            case Activation.Ceil:
                return DeviceMath.Ceiling(x);
            case Activation.Round:
                return DeviceMath.Round(x);
            case Activation.Sign:
                return x > 0f ? 1f : x < 0f ? -1f : x;
            case Activation.Not:
                return x == 0f ? 1f : 0f;
            case Activation.Truncate:
                return DeviceMath.Truncate(x);
            case Activation.IsNonZero:
                return x == 0f ? 0f : 1f;
            case Activation.Half:
                return ToHalf(x);
            case Activation.WrapInteger:
                return WrapInteger(x, (int)a, b != 0f);
            default:
                return x;
        }
    }

    private static float Sigmoid(float x) => 1f / (1f + DeviceMath.Exp(-x));

    /// <summary>t / (t + 2) with t = e^2|x| − 1, and the sign of x.</summary>
    private static float Tanh(float x)
    {
        float magnitude = DeviceMath.Min(DeviceMath.Abs(x), 10f);
        float t = DeviceMath.Expm1(magnitude + magnitude);
        return DeviceMath.CopySign(t / (t + 2f), x);
    }

    /// <summary>x · n / (n + 2) with n = e²ˣ + 2eˣ.</summary>
    private static float Mish(float x)
    {
        float e = DeviceMath.Exp(DeviceMath.Min(x, 20f));
        float n = e * (e + 2f);
        return x * (n / (n + 2f));
    }

    /// <summary>x times the normal distribution, by 1 − erf where x is negative, so that small results keep their digits.</summary>
    private static float Gelu(float x)
    {
        float tail = ErrorComplement(DeviceMath.Abs(x) * 0.70710678118f);
        return x * 0.5f * (x < 0f ? tail : 2f - tail);
    }

    private static float Erf(float x)
    {
        float magnitude = DeviceMath.Abs(x);
        return magnitude < 1f ? ErrorNear(x) : DeviceMath.CopySign(1f - ErrorComplement(magnitude), x);
    }

    /// <summary>erf(z) of |z| ≤ 1: the CPU's polynomial.</summary>
    private static float ErrorNear(float z)
    {
        float s = z * z;
        float p = 7.882497104105823e-05f;
        p = (p * s) - 0.0008018854991185265f;
        p = (p * s) + 0.005189311942516817f;
        p = (p * s) - 0.026854328795967497f;
        p = (p * s) + 0.11283597463484307f;
        p = (p * s) - 0.37612626903579677f;
        p = (p * s) + 1.128379165881502f;
        return p * z;
    }

    /// <summary>1 − erf(z) of z ≥ 0: the CPU's polynomial.</summary>
    private static float ErrorComplement(float z)
    {
        float t = 1f / ((z * 0.5f) + 1f);
        float u = (t * 2.3846153846153846f) - 1.3846153846153846f;
        float p = -5.595857058882103e-05f;
        p = (p * u) + 2.357345877068706e-05f;
        p = (p * u) + 0.0006071152283665948f;
        p = (p * u) - 0.0006750425845218067f;
        p = (p * u) - 0.006289268188351474f;
        p = (p * u) + 0.006243756030711076f;
        p = (p * u) + 0.10323154363875843f;
        p = (p * u) + 0.3270026761384295f;
        p = (p * u) + 0.5699115704858856f;
        return p * t * DeviceMath.Exp(-(z * z));
    }

    /// <summary>To the nearest number of 16 bits, halves to even, by rounding the bits that it does not have away.</summary>
    private static float ToHalf(float x)
    {
        float magnitude = DeviceMath.Abs(x);
        if (DeviceMath.IsNaN(x))
        {
            return x;
        }

        // Below the smallest normal number all are multiples of 2^-24, as sums with 1/2 are.
        if (magnitude < 6.103515625e-05f)
        {
            return DeviceMath.CopySign((magnitude + 0.5f) - 0.5f, x);
        }

        if (magnitude >= 65520f)
        {
            return DeviceMath.CopySign(float.PositiveInfinity, x);
        }

        int bits = DeviceMath.ToBits(magnitude);
        bits = (bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFF;
        return DeviceMath.CopySign(DeviceMath.FromBits(bits), x);
    }

    /// <summary>Truncated, modulo 2^bits; signed ones from −2^(bits−1) on. Numbers in range are not touched.</summary>
    private static float WrapInteger(float x, int bits, bool isSigned)
    {
        float range = DeviceMath.FromBits((bits + 127) << 23);
        float low = isSigned ? -range / 2f : 0f;
        float high = range + low;
        float whole = DeviceMath.Truncate(x);
        if (whole >= low && whole < high)
        {
            return whole;
        }

        float wrapped = whole - (DeviceMath.Floor(whole * (1f / range)) * range);
        return wrapped >= high ? wrapped - range : wrapped;
    }
}
