namespace EdgeSparse.Compiler.Graphs;

/// <summary>A function of each element that has no record of its own; see <see cref="PointwiseFunction"/>.</summary>
/// <param name="A">The function's first parameter, 0 where it has none.</param>
/// <param name="B">Its second.</param>
public sealed record Pointwise(string Name, string Input, string Output, PointwiseFunction Function, float A = 0, float B = 0)
    : PointwiseActivation(Name, Input, Output)
{
    public override double Apply(double x) => PointwiseFunctions.Apply(Function, x, A, B);
}

/// <summary>Functions of one element x with parameters A and B, as ONNX defines them.</summary>
public enum PointwiseFunction
{
    /// <summary>|x|.</summary>
    Abs,

    /// <summary>−x.</summary>
    Neg,
    Exp,

    /// <summary>The natural logarithm.</summary>
    Log,
    Sqrt,

    /// <summary>1/x.</summary>
    Reciprocal,
    Floor,
    Ceil,

    /// <summary>To the nearest integer, halves to the even one.</summary>
    Round,

    /// <summary>−1, 0 or 1.</summary>
    Sign,

    /// <summary>The error function 2/√π ∫₀ˣ e^(−t²) dt.</summary>
    Erf,
    Tanh,

    /// <summary>ln(1 + eˣ).</summary>
    Softplus,

    /// <summary>x/2 · (1 + erf(x/√2)) (Hendrycks and Gimpel 2016, "Gaussian Error Linear Units").</summary>
    Gelu,

    /// <summary>x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), the same source's approximation.</summary>
    GeluTanh,

    /// <summary>x · tanh(ln(1 + eˣ)) (Misra 2019, "Mish").</summary>
    Mish,

    /// <summary>x where it is not negative, else A · (eˣ − 1).</summary>
    Elu,

    /// <summary>B · x where x is positive, else B · A · (eˣ − 1) (Klambauer et al. 2017, "Self-Normalizing Neural Networks").</summary>
    Selu,

    /// <summary>min(max(A · x + B, 0), 1).</summary>
    HardSigmoid,

    /// <summary>1 where x is 0, else 0.</summary>
    Not,
}
