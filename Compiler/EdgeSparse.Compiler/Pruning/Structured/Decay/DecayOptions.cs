using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeSparse.Compiler.Pruning.Structured.Decay;

/// <summary>The Decay Pruning Method (Yang et al. 2024, arXiv 2406.03879) around any host; docs/methods.md.</summary>
public sealed record DecayOptions
{
    /// <summary>Channels go at once.</summary>
    public static readonly DecayOptions None = new() { Steps = 1 };

    // Of 1, 5, 10 and 20 steps, and 10 with self-rectifying, 10 alone lost least over the three hosts on held-out images: docs/results/structured.md.
    [Range(1, 100000), Description("optimizer steps over which a channel's parameters fall to zero; 1 removes at once, as the host does")]
    public int Steps { get; init; } = 10;

    [Description("release a channel whose gradients resist its decay")]
    public bool Rectify { get; init; }

    [Range(-1.0, 1.0), Description("release above this share of the step that goes into growth; 2/√d of a channel's d parameters when left out, twice what chance gives")]
    public double? RateThreshold { get; init; }

    [Range(0.0, 1000.0), Description("release above this gradient norm, as a multiple of the mean of the group's channels")]
    public double LengthThreshold { get; init; } = 1;

    [Range(1, 1000), Description("steps in a row that a channel has to resist before it is released")]
    public int Patience { get; init; } = 1;

    [Description("more steps, up to four times as many, for channels with norms above their group's mean and while the loss rises")]
    public bool Adaptive { get; init; }
}
