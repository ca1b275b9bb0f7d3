using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What a layer does to its results before it stores them; A and B as <see cref="Activation"/> says.</summary>
internal readonly record struct LayerActivation(Activation Kind, float A = 0, float B = 0)
{
    /// <summary>Whether results are never negative.</summary>
    public bool IsNonNegative =>
        Kind is Activation.Relu or Activation.Sigmoid || (Kind == Activation.Clip && A >= 0 && B >= 0);

    /// <summary>The activation that a node of the graph is, or null for other nodes.</summary>
    public static LayerActivation? Of(Node node) => node switch
    {
        Relu => new LayerActivation(Activation.Relu),
        _ => null,
    };
}
