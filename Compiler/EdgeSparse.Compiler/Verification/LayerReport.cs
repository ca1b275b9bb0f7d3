namespace EdgeSparse.Compiler.Verification;

/// <summary>One step of a blob's plan: what runs it, why, and how long it takes.</summary>
/// <param name="Name">The layer's name in the network.</param>
/// <param name="Operation">What it computes, for example <c>Conv2d</c>.</param>
/// <param name="Kernel">The kernel that runs it on this machine.</param>
/// <param name="Why">Why the packer chose the weight's format; null for a step without a weight, or where the blob does not say.</param>
/// <param name="Format">How its weight is stored; null for a step without a weight.</param>
/// <param name="Rows">Rows of its weight matrix (outputs), 0 without a weight.</param>
/// <param name="Columns">Columns of its weight matrix, 0 without a weight.</param>
/// <param name="NonZeros">Weights that are not zero, 0 without a weight.</param>
/// <param name="PredictedMicroseconds">What the packer's cost model said; null where the blob does not say.</param>
/// <param name="TunedMicroseconds">What a run took where the packer measured formats; null where the blob does not say.</param>
/// <param name="MeasuredMicroseconds">The median here, reading the clock (about 0.03 µs) included; null where nothing was measured.</param>
/// <param name="Share">Its part of all layers' time, 0 to 1; null where nothing was measured.</param>
public sealed record LayerReport(
    string Name,
    string Operation,
    string Kernel,
    string? Why,
    string? Format,
    int Rows,
    int Columns,
    long NonZeros,
    double? PredictedMicroseconds,
    double? TunedMicroseconds,
    double? MeasuredMicroseconds,
    double? Share);
