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

/// <summary>How far one layer is pruned: by a quality parameter or to a density, not both.</summary>
public sealed record LayerTarget : IOptionRules
{
    [Range(0.0, 100.0), Description("threshold = quality × standard deviation of the layer's surviving weights")]
    public double? Quality { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("share of the layer's weights kept at the end")]
    public double? Density { get; init; }

    public OptionFault? FirstFault() =>
        Quality is null == Density is null ? new OptionFault(nameof(Density), "a layer's target is either a quality or a density") : null;
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
        int global = (Quality is null ? 0 : 1) + (Density is null ? 0 : 1) + (Sparsity is null ? 0 : 1);
        return global > 1 ? new OptionFault(Sparsity is null ? nameof(Density) : nameof(Sparsity), "give one of quality, density and sparsity, not several")
            : global == 0 && Layers.IsEmpty ? new OptionFault(nameof(Layers), "nothing to prune: give quality, density, sparsity, or layers")
            : null;
    }
}
