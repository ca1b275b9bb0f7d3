using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>An operation over planar values whose parameters say everything.</summary>
/// <param name="Operands">In the operation's order.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Parameters">As <see cref="OperationKind"/> says.</param>
internal sealed record PlanarStep(
    string Name, ImmutableArray<string> Operands, string Output, OperationKind Kind, ReadOnlyMemory<byte> Parameters)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => Operands;

    public uint Function { get; init; }

    /// <summary>The operation's ActivationA where that is no activation's.</summary>
    public float A { get; init; }
}

/// <summary>Rearranges, each of which writes a part of the output.</summary>
/// <param name="Fill">What is written where a place is −1.</param>
internal sealed record PartsStep(string Name, string Output, ImmutableArray<MapPart> Parts, float Fill)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [.. Parts.Select(p => p.Source)];
}

/// <summary>Whole channels of maps of one size, each from some channel of an operand.</summary>
/// <param name="Channels">One an output channel; the operand is an index.</param>
internal sealed record ChannelsStep(
    string Name, ImmutableArray<string> Operands, string Output, ImmutableArray<(int Operand, int Channel)> Channels)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => Operands;
}

/// <summary>The same elements in row-major order as planes of another shape.</summary>
internal sealed record ViewStep(string Name, string Input, string Output)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>A function of two values of one shape, or of a map and a vector that has an element a channel.</summary>
/// <param name="IsPerChannel">The right one is such a vector.</param>
internal sealed record BinaryStep(
    string Name, string Left, string Right, string Output, ElementFunction Function, bool IsPerChannel)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Left, Right];
}

/// <summary>A per-channel scale and shift.</summary>
/// <param name="Tensor">The name of the scale in reports.</param>
/// <param name="Scale">One a channel, finite.</param>
/// <param name="Shift">The same.</param>
internal sealed record AffineStep(
    string Name, string Input, string Output, string Tensor, ImmutableArray<float> Scale, ImmutableArray<float> Shift)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>A function of each element that no node of the graph is: what a cast does to a number.</summary>
internal sealed record ActivationStep(string Name, string Input, string Output, LayerActivation Activation)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}
