using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>
/// Which layers compute in bfloat16 when training is told to: convolutions do, from copies of their 32-bit weights, and layers that
/// only pass on, add, clamp or normalise what comes keep its type; torch takes a batch's statistics in 32 bits of either. Everything
/// else, the classifier and the loss among it, computes in 32 bits. (Micikevicius et al. 2018, "Mixed Precision Training"; bfloat16
/// has the range of 32 bits, so that no scaling of the loss is needed.)
/// </summary>
internal static class MixedPrecision
{
    /// <summary>A node's inputs, each of the type that the node computes in.</summary>
    public static IReadOnlyDictionary<string, Tensor> Inputs(Node node, IReadOnlyDictionary<string, Tensor> values)
    {
        ScalarType? type = TypeOf(node);
        return type is { } wanted && node.Inputs.Any(i => values[i].dtype != wanted)
            ? node.Inputs.Distinct().ToDictionary(i => i, i => Typed(values[i], wanted))
            : values;
    }

    private static ScalarType? TypeOf(Node node) => node switch
    {
        Conv2d or ConvTranspose2d => ScalarType.BFloat16,
        BatchNorm or Relu or LeakyRelu or Clip or Add or MaxPool or Flatten or Concat or Dropout => null,
        _ => ScalarType.Float32,
    };

    private static Tensor Typed(Tensor value, ScalarType type) =>
        value.dtype is ScalarType.Float32 or ScalarType.BFloat16 ? value.to(type) : value;
}
