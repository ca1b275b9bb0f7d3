using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning;

public enum RetrainPolicy
{
    /// <summary>Prune and retrain all layers at once.</summary>
    Together,

    /// <summary>Prune the fully connected layers and retrain them with the convolutions frozen, then the reverse (Han et al. 2015, section 3.3).</summary>
    Alternate,
}

/// <summary>How one layer is pruned: by a quality parameter or to a density, not both, and in which granularity.</summary>
public sealed record LayerTarget : IOptionRules
{
    [Range(0.0, 100.0), Description("threshold = quality × standard deviation of the layer's surviving weights")]
    public double? Quality { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("share of the layer's weights kept at the end")]
    public double? Density { get; init; }

    [Description("what is pruned as a whole in this layer; the stage's when left out")]
    public Granularity? Granularity { get; init; }

    internal bool HasTarget => Quality is not null || Density is not null;

    public OptionFault? FirstFault()
    {
        if (Granularity?.KeptPerGroup is not null)
        {
            return HasTarget ? HanPruningOptions.BothGiven(Granularity, Quality is null ? nameof(Density) : nameof(Quality)) : null;
        }

        bool wrong = Quality is null ? Density is null && Granularity is null : Density is not null;
        return wrong ? new OptionFault(nameof(Density), "a layer's target is either a quality or a density") : null;
    }
}

/// <summary>Magnitude pruning with retraining, iterated (Han et al. 2015; docs/methods.md).</summary>
public sealed record HanPruningOptions : IOptionRules
{
    [Range(1, 1000), Description("rounds of prune and retrain")]
    public int Iterations { get; init; } = 5;

    [Range(0.0, 100.0), Description("quality parameter of layers that name none")]
    public double? Quality { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("share of the weights kept at the end in layers that name no target; reached geometrically over the iterations")]
    public double? Density { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true), Description("share of all prunable weights removed at the end; the same as density = 1 − sparsity, for every layer without its own target")]
    public double? Sparsity { get; init; }

    [Description("what is pruned as a whole: single weights, blocks of outputs x inputs, or N of each M inputs kept (which is a density of its own)")]
    public Granularity Granularity { get; init; } = Granularity.Weight;

    [LayerNames, Description("targets of single layers, by name")]
    public ImmutableSortedDictionary<string, LayerTarget> Layers { get; init; } = ImmutableSortedDictionary<string, LayerTarget>.Empty;

    [Description("together, or alternate: FC retrains with CONV frozen, then the reverse")]
    public RetrainPolicy Policy { get; init; } = RetrainPolicy.Together;

    [Description("lower the dropout probability as a layer loses connections: p = p0 · sqrt(kept / all)")]
    public bool AdjustDropout { get; init; } = true;

    [Description("remove neurons without inputs or outputs, to a fixpoint, after each pruning")]
    public bool RemoveDeadNeurons { get; init; } = true;

    [Description("training after each pruning")]
    public TrainingOptions Retrain { get; init; } = new() { Epochs = 4 };

    [Description("training after the last pruning, in place of retrain")]
    public TrainingOptions? FinalRetrain { get; init; }

    public OptionFault? FirstFault()
    {
        string[] targets = [.. Targets()];
        bool fixedDensity = Granularity.KeptPerGroup is not null;
        return targets.Length > 1 ? new OptionFault(Sparsity is null ? nameof(Density) : nameof(Sparsity), "give one of quality, density and sparsity, not several")
            : targets.Length == 1 && fixedDensity ? BothGiven(Granularity, targets[0])
            : targets.Length == 0 && !fixedDensity && Layers.IsEmpty ? new OptionFault(nameof(Layers), "nothing to prune: give quality, density, sparsity, or layers")
            : Layers.Select(l => FaultOf(l.Key, l.Value, targets.Length == 1)).FirstOrDefault(f => f is not null);
    }

    /// <summary>The fault of an N:M granularity beside another target.</summary>
    internal static OptionFault BothGiven(Granularity granularity, string other) => new(
        nameof(Granularity),
        $"the granularity {granularity} by itself keeps {granularity.KeptPerGroup} of {granularity.Columns} weights; leave {OptionKey.CamelCase(other)} out");

    private IEnumerable<string> Targets()
    {
        if (Quality is not null)
        {
            yield return nameof(Quality);
        }

        if (Density is not null)
        {
            yield return nameof(Density);
        }

        if (Sparsity is not null)
        {
            yield return nameof(Sparsity);
        }
    }

    /// <summary>What is wrong with a layer only together with the stage it is in.</summary>
    private OptionFault? FaultOf(string name, LayerTarget layer, bool stageHasTarget)
    {
        Granularity granularity = layer.Granularity ?? Granularity;
        bool fixedDensity = granularity.KeptPerGroup is not null;
        return fixedDensity && layer.HasTarget
            ? new OptionFault(nameof(Layers), $"layer '{name}' has a target of its own beside the stage's granularity {granularity}; give it a granularity of its own too")
            : !fixedDensity && !layer.HasTarget && !stageHasTarget
            ? new OptionFault(nameof(Layers), $"layer '{name}' has the granularity {granularity}, but neither it nor the stage has a quality or a density")
            : null;
    }
}
