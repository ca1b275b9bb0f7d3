using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// scale · (x − mean) / sqrt(variance + epsilon) + shift, mean and variance over all dimensions from the axis on (Ba et al. 2016,
/// "Layer Normalization").
/// </summary>
/// <param name="Scale">Of the shape of the dimensions from the axis on.</param>
/// <param name="Shift">The same, or null.</param>
/// <param name="Axis">From 0 on.</param>
public sealed record LayerNorm(string Name, string Input, string Output, string Scale, string? Shift, int Axis, float Epsilon)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];

    public override IEnumerable<string> WeightNames => Shift is null ? [Scale] : [Scale, Shift];
}

/// <summary>The same over each plane of each channel, N×C×…, with one scale and shift a channel (Ulyanov et al. 2016).</summary>
public sealed record InstanceNorm(string Name, string Input, string Output, string Scale, string Shift, float Epsilon)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];

    public override IEnumerable<string> WeightNames => [Scale, Shift];
}

/// <summary>The same over each group of consecutive channels, with one scale and shift a channel (Wu and He 2018).</summary>
/// <param name="Groups">Divides the channels.</param>
public sealed record GroupNorm(string Name, string Input, string Output, string Scale, string Shift, int Groups, float Epsilon)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];

    public override IEnumerable<string> WeightNames => [Scale, Shift];
}

/// <summary>
/// x / (bias + alpha/size · Σ x²)^beta, the sum over channels from c − ⌊(size−1)/2⌋ to c + ⌈(size−1)/2⌉ (Krizhevsky et al. 2012,
/// section 3.3).
/// </summary>
/// <param name="Size">Channels of the window.</param>
public sealed record LocalResponseNorm(string Name, string Input, string Output, int Size, float Alpha, float Beta, float Bias)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}
