using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A value of the blob.</summary>
/// <param name="Name">The graph's name for it, or one made from that.</param>
/// <param name="Layout">Its pixels in its memory.</param>
/// <param name="Storage">Index of the value whose memory it shares (written in place), else its own.</param>
internal sealed record PlanValue(string Name, ValueLayout Layout, int Storage);

/// <summary>A step of the blob's plan; indices as in <see cref="OperationRecord"/>, −1 for none.</summary>
internal sealed record PlanOperation(string Name, OperationKind Kind, ImmutableArray<int> Inputs, int Output)
{
    public LayerActivation Activation { get; init; }

    public int Weight { get; init; } = -1;

    /// <summary>All zero for operations that have no window.</summary>
    public Window2d Window { get; init; }

    public bool CountIncludePad { get; init; }

    /// <summary>As <see cref="OperationRecord.Function"/>.</summary>
    public uint Function { get; init; }

    /// <summary>The kind's parameters as <see cref="OperationKind"/> says, bytes as they lie in the blob; empty for none.</summary>
    public ReadOnlyMemory<byte> Parameters { get; init; }
}

/// <summary>An input or output of the network.</summary>
internal sealed record PlanBinding(
    BindingKind Kind, string Name, int Value, TensorShape Shape, InputScaling? Scaling, ElementType Type = ElementType.Float32);

/// <summary>Everything that goes into the blob, before the arena is planned.</summary>
internal sealed record Plan(
    ImmutableArray<PlanValue> Values,
    ImmutableArray<PlanOperation> Operations,
    ImmutableArray<PackedWeight> Weights,
    ImmutableArray<PlanBinding> Bindings,
    ImmutableArray<PackedLayer> Layers);
