using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>Functions of elements. Everything is fp32 here too: truth is 1 and 0, whole numbers are exact to 2²⁴.</summary>
internal static class TorchPointwise
{
    public static Tensor Activation(PointwiseActivation node, Tensor x) => node switch
    {
        Relu => nn.functional.relu(x),
        LeakyRelu leaky => nn.functional.leaky_relu(x, leaky.Alpha),
        Clip clip => x.clamp(clip.Min, clip.Max),
        HardSwish => nn.functional.hardswish(x),
        Sigmoid => x.sigmoid(),
        Pointwise pointwise => Function(pointwise, x),
        _ => throw new TrainingException($"layer '{node.Name}': the operator {node.Operator} cannot be trained"),
    };

    public static Tensor Binary(BinaryFunction function, Tensor x, Tensor y) => function switch
    {
        BinaryFunction.Add => x + y,
        BinaryFunction.Sub => x - y,
        BinaryFunction.Mul => x * y,
        BinaryFunction.Div => x / y,
        BinaryFunction.IntegerDiv => (x / y).trunc(),
        BinaryFunction.Pow => x.pow(y),
        BinaryFunction.Min => minimum(x, y),
        BinaryFunction.Max => maximum(x, y),
        BinaryFunction.PRelu => where(x >= 0, x, x * y),
        BinaryFunction.Fmod => fmod(x, y),
        BinaryFunction.Mod => remainder(x, y),
        BinaryFunction.Equal => Number(x.eq(y)),
        BinaryFunction.Less => Number(x.less(y)),
        BinaryFunction.LessOrEqual => Number(x.less_equal(y)),
        BinaryFunction.Greater => Number(x.greater(y)),
        BinaryFunction.GreaterOrEqual => Number(x.greater_equal(y)),
        BinaryFunction.And => Number(x.ne(0).logical_and(y.ne(0))),
        BinaryFunction.Or => Number(x.ne(0).logical_or(y.ne(0))),
        BinaryFunction.Xor => Number(x.ne(0).logical_xor(y.ne(0))),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
    };

    /// <summary>Floats keep their value, whatever their width; whole numbers are cut and wrap.</summary>
    public static Tensor Cast(Tensor x, ElementType to) => to switch
    {
        ElementType.Bool => Number(x.ne(0)),
        ElementType.UInt8 => x.trunc().remainder(256),
        ElementType.Int8 => (x.trunc() + 128).remainder(256) - 128,
        ElementType.UInt16 => x.trunc().remainder(65536),
        ElementType.Int16 => (x.trunc() + 32768).remainder(65536) - 32768,
        ElementType.Int32 or ElementType.Int64 or ElementType.UInt32 or ElementType.UInt64 => x.trunc(),
        _ => x,
    };

    private static Tensor Function(Pointwise node, Tensor x) => node.Function switch
    {
        PointwiseFunction.Abs => x.abs(),
        PointwiseFunction.Neg => -x,
        PointwiseFunction.Exp => x.exp(),
        PointwiseFunction.Log => x.log(),
        PointwiseFunction.Sqrt => x.sqrt(),
        PointwiseFunction.Reciprocal => x.reciprocal(),
        PointwiseFunction.Floor => x.floor(),
        PointwiseFunction.Ceil => x.ceil(),
        PointwiseFunction.Round => x.round(),
        PointwiseFunction.Sign => x.sign(),
        PointwiseFunction.Erf => x.erf(),
        PointwiseFunction.Tanh => x.tanh(),
        PointwiseFunction.Softplus => Softplus(x),
        PointwiseFunction.Gelu => x * 0.5 * ((x * Math.Sqrt(0.5)).erf() + 1),
        PointwiseFunction.GeluTanh => x * 0.5 * (((x + (x * x * x * 0.044715)) * Math.Sqrt(2 / Math.PI)).tanh() + 1),
        PointwiseFunction.Mish => x * Softplus(x).tanh(),
        PointwiseFunction.Elu => Elu(x, node.A),
        PointwiseFunction.Selu => Elu(x, node.A) * node.B,
        PointwiseFunction.HardSigmoid => ((x * node.A) + node.B).clamp(0, 1),
        PointwiseFunction.Not => Number(x.eq(0)),
        _ => throw new TrainingException($"layer '{node.Name}': the function {node.Function} cannot be trained"),
    };

    private static Tensor Softplus(Tensor x) => nn.functional.relu(x) + (-x.abs()).exp().log1p();

    /// <summary>The exponential of what is not negative would overflow, and its gradient with it, though it is not chosen.</summary>
    private static Tensor Elu(Tensor x, double alpha) => where(x >= 0, x, x.clamp(max: 0).expm1() * alpha);

    private static Tensor Number(Tensor truth) => truth.to(ScalarType.Float32);
}
