using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>One operation. Inputs and outputs are names of values; weights are named apart, by the records that have them.</summary>
/// <param name="Name">Unique within the graph; what messages, recipes and reports call the layer.</param>
/// <param name="Output">The one activation written.</param>
public abstract record Node(string Name, string Output)
{
    /// <summary>Activations read, in the operator's order.</summary>
    public abstract ImmutableArray<string> Inputs { get; }

    /// <summary>The operator's name in messages and reports.</summary>
    public string Operator => GetType().Name;

    /// <summary>Names of the weights the node reads, in a fixed order; absent optional ones are left out.</summary>
    public virtual IEnumerable<string> WeightNames => [];

    /// <summary>The weight that pruning may mask (see <see cref="WeightedLayer"/>), else null.</summary>
    public virtual string? PrunableWeight => null;
}

/// <summary>y = scale · (x − mean) / sqrt(variance + epsilon) + shift per channel (dimension 1), with running statistics.</summary>
public sealed record BatchNorm(
    string Name, string Input, string Output, string Scale, string Shift, string Mean, string Variance, float Epsilon)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];

    public override IEnumerable<string> WeightNames => [Scale, Shift, Mean, Variance];
}

/// <summary>Softmax over one axis; a negative axis counts from the end.</summary>
/// <param name="IsLogarithm">Its natural logarithm instead.</param>
public sealed record Softmax(string Name, string Input, string Output, int Axis, bool IsLogarithm = false)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Elementwise sum of two activations of equal shape.</summary>
public sealed record Add(string Name, string Left, string Right, string Output)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Left, Right];
}

/// <summary>Row-major flattening to two dimensions: those before <paramref name="Axis"/>, and the rest.</summary>
public sealed record Flatten(string Name, string Input, string Output, int Axis = 1)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Maximum over a window, NCHW; padding never wins.</summary>
public sealed record MaxPool(string Name, string Input, string Output, Window2d Window, bool CeilMode = false)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Mean over a window, NCHW; padding counts as zeros only where asked.</summary>
public sealed record AveragePool(
    string Name, string Input, string Output, Window2d Window, bool CeilMode = false, bool CountIncludePad = false)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Mean of each plane, NCHW to NC11.</summary>
public sealed record GlobalAveragePool(string Name, string Input, string Output)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>Identity at inference; in training drops activations with the given probability and rescales.</summary>
public sealed record Dropout(string Name, string Input, string Output, float Probability)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}
