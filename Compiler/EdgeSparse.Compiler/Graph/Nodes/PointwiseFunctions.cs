namespace EdgeSparse.Compiler.Graphs;

/// <summary>The functions in double precision.</summary>
internal static class PointwiseFunctions
{
    public static double Apply(PointwiseFunction function, double x, double a, double b) => function switch
    {
        PointwiseFunction.Abs => Math.Abs(x),
        PointwiseFunction.Neg => -x,
        PointwiseFunction.Exp => Math.Exp(x),
        PointwiseFunction.Log => Math.Log(x),
        PointwiseFunction.Sqrt => Math.Sqrt(x),
        PointwiseFunction.Reciprocal => 1 / x,
        PointwiseFunction.Floor => Math.Floor(x),
        PointwiseFunction.Ceil => Math.Ceiling(x),
        PointwiseFunction.Round => Math.Round(x, MidpointRounding.ToEven),
        PointwiseFunction.Sign => double.IsNaN(x) ? x : Math.Sign(x),
        PointwiseFunction.Erf => ErrorFunction.Of(x),
        PointwiseFunction.Tanh => Math.Tanh(x),
        PointwiseFunction.Softplus => Softplus(x),
        PointwiseFunction.Gelu => x / 2 * (1 + ErrorFunction.Of(x / Math.Sqrt(2))),
        PointwiseFunction.GeluTanh => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        PointwiseFunction.Mish => x * Math.Tanh(Softplus(x)),
        PointwiseFunction.Elu => x >= 0 ? x : a * (Math.Exp(x) - 1),
        PointwiseFunction.Selu => x > 0 ? b * x : b * a * (Math.Exp(x) - 1),
        PointwiseFunction.HardSigmoid => Math.Min(Math.Max((a * x) + b, 0), 1),
        PointwiseFunction.Not => x == 0 ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
    };

    /// <summary>ln(1 + eˣ), without overflow for large x.</summary>
    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
