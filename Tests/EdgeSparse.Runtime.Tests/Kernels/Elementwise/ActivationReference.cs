using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>What activations are, in double precision.</summary>
internal static class ActivationReference
{
    public static double Of(Activation kind, double x, double a, double b) => kind switch
    {
        Activation.Relu => double.IsNaN(x) ? x : Math.Max(x, 0),
        Activation.Clip => double.IsNaN(x) ? x : Math.Min(Math.Max(x, a), b),
        Activation.LeakyRelu => x >= 0 ? x : x * a,
        Activation.HardSwish => x * Math.Min(Math.Max((x / 6) + 0.5, 0), 1),
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        Activation.Tanh => Math.Tanh(x),
        Activation.Elu => x >= 0 ? x : a * ExpMinus1(x),
        Activation.Selu => x > 0 ? b * x : b * a * ExpMinus1(x),
        Activation.HardSigmoid => Math.Min(Math.Max((a * x) + b, 0), 1),
        Activation.Softplus => Softplus(x),
        Activation.Gelu => x / 2 * Complement(-x / Math.Sqrt(2)),
        Activation.GeluTanh => x / (1 + Math.Exp(-2 * Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        Activation.Mish => x * Math.Tanh(Softplus(x)),
        Activation.Erf => Erf(x),
        Activation.Exp => Math.Exp(x),
        Activation.Log => Math.Log(x),
        Activation.Sqrt => Math.Sqrt(x),
        Activation.Abs => Math.Abs(x),
        Activation.Neg => -x,
        Activation.Reciprocal => 1 / x,
        Activation.Floor => Math.Floor(x),
        Activation.Ceil => Math.Ceiling(x),
        Activation.Round => Math.Round(x, MidpointRounding.ToEven),
        Activation.Sign => double.IsNaN(x) ? x : Math.Sign(x),
        Activation.Not => x == 0 ? 1 : 0,
        Activation.Truncate => Math.Truncate(x),
        Activation.IsNonZero => x == 0 ? 0 : 1,
        Activation.Half => (double)(Half)(float)x,
        Activation.WrapInteger => Wrap(x, Math.Pow(2, a), b == 1),
        _ => x,
    };

    /// <summary>Whether A and B are numbers that the activation takes.</summary>
    public static (float A, float B) Numbers(Activation kind) => kind switch
    {
        Activation.Clip => (-0.25f, 0.5f),
        Activation.LeakyRelu => (0.125f, 0f),
        Activation.Elu => (1.5f, 0f),
        Activation.Selu => (1.67326319f, 1.05070102f),
        Activation.HardSigmoid => (0.2f, 0.5f),
        Activation.WrapInteger => (8f, 1f),
        _ => (0f, 0f),
    };

    public static double Erf(double x) => Math.Abs(x) < 2 ? Series(x) : Math.Sign(x) * (1 - Complement(Math.Abs(x)));

    /// <summary>1 − erf(x): by the series, or by the continued fraction of Abramowitz and Stegun 7.1.14 from the innermost term out.</summary>
    public static double Complement(double x)
    {
        if (x < 2)
        {
            return x < -2 ? 2 - Complement(-x) : 1 - Series(x);
        }

        double fraction = x;
        for (int n = 200; n >= 1; n--)
        {
            fraction = x + (n / 2.0 / fraction);
        }

        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }

    private static double Series(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; n < 60; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static double ExpMinus1(double x) => Math.Abs(x) < 1e-5 ? x + (x * x / 2) : Math.Exp(x) - 1;

    private static double Softplus(double x) => Math.Max(x, 0) + LogOf1Plus(Math.Exp(-Math.Abs(x)));

    private static double LogOf1Plus(double x) => x < 1e-5 ? x - (x * x / 2) : Math.Log(1 + x);

    private static double Wrap(double x, double range, bool isSigned)
    {
        double whole = Math.Truncate(x);
        double wrapped = whole - (Math.Floor(whole / range) * range);
        return isSigned && wrapped >= range / 2 ? wrapped - range : wrapped;
    }
}
