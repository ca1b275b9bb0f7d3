using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>How many weights each layer keeps.</summary>
public enum PruningAllocation
{
    /// <summary>The same share in every layer without a target of its own.</summary>
    Layer,

    /// <summary>So many in all those layers together: the ones of highest score, wherever they are.</summary>
    Network,
}

/// <summary>Pruning without training: by magnitude, then the weights that stay solved layer by layer (docs/methods.md).</summary>
public sealed record ReconstructionOptions : IOptionRules
{
    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("share of the weights kept in layers that name no target")]
    public double? Density { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true), Description("share of the weights removed in layers that name no target; the same as density = 1 − sparsity")]
    public double? Sparsity { get; init; }

    [Description("what is pruned as a whole: single weights, blocks of outputs x inputs, or N of each M inputs kept (which is a density of its own)")]
    public Granularity Granularity { get; init; } = Granularity.Weight;

    [LayerNames, Description("targets of single layers, by name")]
    public ImmutableSortedDictionary<string, LayerTarget> Layers { get; init; } = ImmutableSortedDictionary<string, LayerTarget>.Empty;

    [Description("layer: the same density in every layer; network: more where weights matter more, for single weights")]
    public PruningAllocation Allocation { get; init; } = PruningAllocation.Layer;

    [Description("prune nothing more: the weights that earlier stages left are solved so that each layer gives what it gave in the network before the first pruning")]
    public bool KeepMasks { get; init; }

    [Range(1, 1000000), Description("training samples whose activations the weights are solved on; labels are not used")]
    public int Samples { get; init; } = 512;

    [Range(1e-12, 1.0), Description("pull towards the dense weights, relative to the mean square of the layer's inputs")]
    public double Ridge { get; init; } = 1e-3;

    /// <summary>The same targets as of magnitude pruning with retraining.</summary>
    internal HanPruningOptions Targets => new() { Density = Density, Sparsity = Sparsity, Granularity = Granularity, Layers = Layers };

    public OptionFault? FirstFault() =>
        KeepMasks ? Density is not null || Sparsity is not null || !Layers.IsEmpty || !Granularity.IsSingleWeights
            ? new OptionFault(nameof(KeepMasks), "keepMasks prunes nothing more: leave sparsity, density, granularity and layers out")
            : null
        : Targets.FirstFault() is { } fault ? fault
        : Allocation == PruningAllocation.Network && !Granularity.IsSingleWeights
            ? new OptionFault(nameof(Allocation), $"the allocation over the network is for single weights, not for the granularity {Granularity}")
        : null;
}
