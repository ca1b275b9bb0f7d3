using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Structured;

/// <summary>What all methods that remove channels have in common: how much goes, from where, and what is trained afterwards.</summary>
public abstract record StructuredOptions : IOptionRules
{
    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("share of the network's multiplications left at the end")]
    public double? Macs { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("share of the network's parameters left at the end; with macs, both are met")]
    public double? Parameters { get; init; }

    [LayerNames, Description("only channels that these layers produce are removed, and what is coupled with them; all when left out")]
    public ImmutableArray<string> Layers { get; init; } = [];

    [LayerNames, Description("layers that keep all their output channels")]
    public ImmutableArray<string> Keep { get; init; } = [];

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("no layer loses more than this share of its output channels")]
    public double LargestShare { get; init; } = 1;

    [Description("channels go smoothly over several steps, and are released when their gradients resist; at once when left out")]
    public DecayOptions? Decay { get; init; }

    [Description("training of the smaller network; none when null")]
    public TrainingOptions? FineTune { get; init; } = new() { Epochs = 4 };

    public virtual OptionFault? FirstFault() =>
        Macs is null && Parameters is null ? new OptionFault(nameof(Macs), "nothing to prune: give macs or parameters, the share that is left") : null;

    /// <summary>The decay, which without one is that of a single step: the host alone.</summary>
    internal DecayOptions DecayOrNone => Decay ?? DecayOptions.None;

    /// <summary>All its trainings, by the keys that recipes give them.</summary>
    internal virtual IEnumerable<(string Key, TrainingOptions Training)> Trainings() => FineTune is null ? [] : [("fineTune", FineTune)];

    /// <summary>The fault of a decay that takes longer than there is training for.</summary>
    internal static OptionFault TooLong(int steps, string than) =>
        new(nameof(Decay), $"decay.steps is {steps}, but {than}");
}
