using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What a layer does to its results before it stores them; A and B as <see cref="Activation"/> says.</summary>
internal readonly record struct LayerActivation(Activation Kind, float A = 0, float B = 0)
{
    /// <summary>Whether results are never negative.</summary>
    public bool IsNonNegative =>
        Kind is Activation.Relu or Activation.Sigmoid or Activation.HardSigmoid or Activation.Exp or Activation.Abs or Activation.Not
            or Activation.IsNonZero
        || (Kind == Activation.Clip && A >= 0 && B >= 0);

    /// <summary>The activation that a node is, or null for other nodes.</summary>
    public static LayerActivation? Of(Node node) => node switch
    {
        Relu => new LayerActivation(Activation.Relu),
        LeakyRelu leaky => new LayerActivation(Activation.LeakyRelu, leaky.Alpha),
        Clip clip => OfClip(clip),
        HardSwish => new LayerActivation(Activation.HardSwish),
        Sigmoid => new LayerActivation(Activation.Sigmoid),
        Pointwise pointwise => OfFunction(pointwise),
        ActivationStep step => step.Activation,
        _ => null,
    };

    private static LayerActivation OfClip(Clip clip) => new(Activation.Clip, Math.Min(clip.Min, clip.Max), clip.Max);

    private static LayerActivation OfFunction(Pointwise node) => node.Function switch
    {
        PointwiseFunction.Elu => new LayerActivation(Activation.Elu, node.A),
        PointwiseFunction.Selu => new LayerActivation(Activation.Selu, node.A, node.B),
        PointwiseFunction.HardSigmoid => new LayerActivation(Activation.HardSigmoid, node.A, node.B),
        _ => new LayerActivation(Enum.Parse<Activation>(node.Function.ToString())),
    };
}
