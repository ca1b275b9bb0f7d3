using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>The same elements in row-major order under another shape.</summary>
/// <param name="Shape">May keep a symbolic batch in the first place.</param>
public sealed record Reshape(string Name, string Input, string Output, TensorShape Shape)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Dimension i of the output is dimension Permutation[i] of the input.</summary>
public sealed record Transpose(string Name, string Input, string Output, ImmutableArray<int> Permutation)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Operands one after the other along an axis.</summary>
/// <param name="Axis">From 0 on.</param>
public sealed record Concat(string Name, ImmutableArray<string> Operands, string Output, int Axis)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => Operands;
}

/// <summary>Elements Start, Start + Step, … of each dimension.</summary>
/// <param name="Ranges">One a dimension; a symbolic batch is taken whole (Length <see cref="TensorShape.Symbolic"/>).</param>
public sealed record Slice(string Name, string Input, string Output, ImmutableArray<SliceRange> Ranges)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Length elements from Start on, Step apart; Step may be negative but not 0.</summary>
public readonly record struct SliceRange(int Start, int Step, int Length)
{
    /// <summary>A whole dimension.</summary>
    public static SliceRange Whole(int length) => new(0, 1, length);
}

/// <summary>Elements added at the ends of each dimension; none is negative (the importer slices for that).</summary>
public sealed record Pad(
    string Name, string Input, string Output, ImmutableArray<int> Before, ImmutableArray<int> After, PadMode Mode, float Value = 0)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>What is added.</summary>
public enum PadMode
{
    Constant,

    /// <summary>The dimension mirrored, its end not repeated.</summary>
    Reflect,

    /// <summary>The end repeated.</summary>
    Edge,

    /// <summary>The dimension from its other end on.</summary>
    Wrap,
}

/// <summary>Repeated along dimensions of length 1, as ONNX broadcasts.</summary>
public sealed record Expand(string Name, string Input, string Output, TensorShape Shape)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Elements of one axis at constant indices: dims before the axis, then those of the indices, then those after.</summary>
/// <param name="Axis">From 0 on; not a symbolic batch.</param>
/// <param name="Indices">Row-major, each from 0 to the axis' length − 1.</param>
/// <param name="IndexShape">Shape of the indices; a scalar removes the axis.</param>
public sealed record Gather(string Name, string Input, string Output, int Axis, ImmutableArray<int> Indices, TensorShape IndexShape)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>
/// Elements of one axis at indices that an activation gives: dims before the axis, then those of the indices, then those after. Negative
/// indices count from the end; one out of range is an error of the run.
/// </summary>
/// <param name="Input">What is taken from.</param>
/// <param name="Indices">Whole numbers.</param>
/// <param name="Axis">From 0 on; not a symbolic batch, and 0 where the indices have one.</param>
public sealed record GatherAt(string Name, string Input, string Indices, string Output, int Axis)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input, Indices];
}

/// <summary>N×(C·b²)×H×W to N×C×(H·b)×(W·b).</summary>
/// <param name="ColumnRowDepth">Channels are ordered (C, b, b), "CRD"; else (b, b, C), "DCR".</param>
public sealed record DepthToSpace(string Name, string Input, string Output, int Block, bool ColumnRowDepth)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>N×C×(H·b)×(W·b) to N×(b²·C)×H×W, channels ordered (b, b, C).</summary>
public sealed record SpaceToDepth(string Name, string Input, string Output, int Block)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}
