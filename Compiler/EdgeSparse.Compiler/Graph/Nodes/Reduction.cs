using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>One number of all elements along some axes.</summary>
/// <param name="Axes">Ascending, from 0 on; no symbolic batch among them.</param>
/// <param name="KeepDimensions">Reduced dimensions stay, with length 1.</param>
public sealed record Reduce(string Name, string Input, string Output, ReduceFunction Function, ImmutableArray<int> Axes, bool KeepDimensions)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>What a reduction computes.</summary>
public enum ReduceFunction
{
    Sum,
    Mean,
    Max,
    Min,
    Product,
}

/// <summary>Index of the largest or smallest element along an axis.</summary>
/// <param name="Axis">From 0 on.</param>
/// <param name="SelectLast">Of equal ones the last, else the first.</param>
public sealed record ArgExtreme(
    string Name, string Input, string Output, bool IsMaximum, int Axis, bool KeepDimensions, bool SelectLast)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>The k largest or smallest elements along an axis, sorted, or their indices; of equal ones the lower index first.</summary>
/// <param name="Axis">From 0 on.</param>
/// <param name="GivesIndices">Indices instead of values.</param>
public sealed record TopK(string Name, string Input, string Output, int Count, int Axis, bool IsLargest, bool GivesIndices)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Maximum of each plane, NCHW to NC11.</summary>
public sealed record GlobalMaxPool(string Name, string Input, string Output)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}
