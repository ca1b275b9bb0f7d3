namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>What the positions of a weight's axis mean to the layer that reads it.</summary>
public enum AxisRole
{
    /// <summary>Output channels of a layer with weights: rows.</summary>
    Out,

    /// <summary>Its input channels: columns.</summary>
    In,

    /// <summary>A bias for each output channel.</summary>
    Bias,

    /// <summary>A normalisation's scales.</summary>
    Scale,

    /// <summary>Its shifts.</summary>
    Shift,

    /// <summary>Running means and variances.</summary>
    Statistic,

    /// <summary>Anything else: constants, kernel rows and columns, activations.</summary>
    Other,
}

/// <summary>One axis of an activation or a weight, whose positions structured pruning may remove.</summary>
/// <param name="Index">Its place in <see cref="DependencyGraph.Axes"/>.</param>
/// <param name="Tensor">Name of the activation or weight.</param>
/// <param name="IsWeight">Which of the two.</param>
/// <param name="Axis">From 0 on.</param>
/// <param name="Length">Positions; 0 for an open batch.</param>
public sealed record TensorAxis(int Index, string Tensor, bool IsWeight, int Axis, int Length)
{
    /// <summary>What the positions mean, for weights.</summary>
    public AxisRole Role { get; internal set; } = AxisRole.Other;

    /// <summary>The layer that reads the weight first; for activations, the one that writes it.</summary>
    public string Layer { get; internal set; } = "";

    /// <summary>Number of the first position among those of all axes.</summary>
    internal int First { get; init; }
}
