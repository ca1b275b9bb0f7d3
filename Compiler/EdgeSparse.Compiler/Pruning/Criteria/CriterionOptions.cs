using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>Over what the statistics of weights are compared.</summary>
public enum SelectionScope
{
    /// <summary>All layers together: one threshold.</summary>
    Joint,

    /// <summary>Each layer by itself, to the same sparsity.</summary>
    Independent,
}

/// <summary>How many weights a sparsity takes.</summary>
public enum SelectionRule
{
    /// <summary>Exactly the nearest whole number; of equal statistics the later weight goes.</summary>
    Exact,

    /// <summary>As WoodFisher's published code: what is strictly above the k-th largest stays, k = ⌈n(1 − p)⌉.</summary>
    Threshold,
}

/// <summary>How the way to the target is divided into steps.</summary>
public enum StepShape
{
    /// <summary>s₀ + (s − s₀)·(1 − (1 − r/R)^power).</summary>
    Polynomial,

    /// <summary>The density falls by the same factor in each step.</summary>
    Geometric,
}

/// <summary>What the weights that stay do when others go.</summary>
public enum SurvivorUpdate
{
    /// <summary>The best that the quadratic model allows for all that go together.</summary>
    Exact,

    /// <summary>The sum of what would be best for each that goes alone, as WoodFisher's published code has it.</summary>
    Summed,

    /// <summary>One weight after the other within each block, each judged after the one before has gone.</summary>
    Greedy,

    /// <summary>They stay as they are.</summary>
    None,
}

/// <summary>What blocks of the Fisher matrix never reach over.</summary>
public enum CurvatureScope
{
    /// <summary>A layer's weights.</summary>
    Layer,

    /// <summary>Nothing: blocks run over all layers.</summary>
    Network,
}

/// <summary>How the inverse of the Fisher matrix is kept.</summary>
public enum FisherForm
{
    /// <summary>The one that takes less memory.</summary>
    Automatic,

    /// <summary>A matrix a block, by Woodbury's identity.</summary>
    Dense,

    /// <summary>M-FAC's vectors.</summary>
    Factored,

    /// <summary>The gradients and one matrix between them a block.</summary>
    Dual,
}

/// <summary>How one layer is pruned otherwise than the stage says.</summary>
public sealed record LayerGoal
{
    [Range(0.0, 1.0, MaximumIsExclusive = true), Description("share of the layer's weights removed at the end; the stage's, together with the other layers, when left out")]
    public double? Sparsity { get; init; }

    [Description("what is pruned as a whole in this layer; the stage's when left out")]
    public Granularity? Granularity { get; init; }
}

/// <summary>Pruning little by little with training in between (Zhu and Gupta 2017): s − (s − s₀)·(1 − t)³.</summary>
public sealed record GradualOptions : IOptionRules
{
    [Range(0.0, 1.0, MaximumIsExclusive = true), Description("s0: sparsity at the first pruning")]
    public double InitialSparsity { get; init; } = 0.05;

    [Range(0, 100000), Description("epochs of training before the first pruning")]
    public int StartEpoch { get; init; }

    [Range(1, 100000), Description("epochs from one pruning to the next")]
    public int Frequency { get; init; } = 1;

    [Range(0, 100000), Description("no pruning is later; the last one reaches the target")]
    public int EndEpoch { get; init; } = 5;

    public OptionFault? FirstFault() => EndEpoch < StartEpoch
        ? new OptionFault(nameof(EndEpoch), $"endEpoch is {EndEpoch}, before startEpoch, {StartEpoch}")
        : null;

    /// <summary>The epochs before which is pruned, ascending.</summary>
    internal ImmutableArray<int> Firings
    {
        get
        {
            var firings = ImmutableArray.CreateBuilder<int>();
            for (int epoch = StartEpoch; epoch <= EndEpoch; epoch += Frequency)
            {
                firings.Add(epoch);
            }

            return firings.ToImmutable();
        }
    }
}

/// <summary>What all criteria of pruning by a statistic have in common (docs/methods.md).</summary>
public abstract record CriterionOptions : IOptionRules
{
    [Range(0.0, 1.0, MaximumIsExclusive = true), Description("share of the weights of the layers pruned that is removed at the end")]
    public double? Sparsity { get; init; }

    [Description("joint: statistics of all layers are compared with each other; independent: the same sparsity in each layer")]
    public SelectionScope Selection { get; init; } = SelectionScope.Joint;

    [Description("exact: the nearest whole number of weights; threshold: the rule of WoodFisher's published code, for comparisons with it")]
    public SelectionRule Rule { get; init; } = SelectionRule.Exact;

    [Description("what is pruned as a whole: single weights, blocks of outputs x inputs, or N of each M inputs kept (which is a sparsity of its own)")]
    public Granularity Granularity { get; init; } = Granularity.Weight;

    [LayerNames, Description("layers that are not pruned")]
    public ImmutableArray<string> Exclude { get; init; } = [];

    [LayerNames, Description("layers pruned otherwise, by name")]
    public ImmutableSortedDictionary<string, LayerGoal> Layers { get; init; } = ImmutableSortedDictionary<string, LayerGoal>.Empty;

    [Range(0.0, 10.0), Description("statistics are divided by the multiplications of the weight's layer to this power: above 0, expensive layers lose more")]
    public double FlopPower { get; init; }

    [Range(1, 1000), Description("each pruning goes to its sparsity in so many steps, the statistics computed anew in each")]
    public int Steps { get; init; } = 1;

    [Description("polynomial or geometric: how sparsity rises from step to step")]
    public StepShape StepShape { get; init; } = StepShape.Polynomial;

    [Range(0.1, 10.0), Description("polynomial: the power")]
    public double StepPower { get; init; } = 1;

    [Range(0, 1000000), Description("after each step, running statistics of batch normalisations are measured anew on so many training samples; 0: they stay")]
    public int Recalibrate { get; init; }

    [Description("how those samples are augmented: as in the training that the network comes from, or its statistics are of other pictures")]
    public AugmentationOptions RecalibrationAugmentation { get; init; } = new();

    [Description("prune little by little with training in between, in place of once before the training")]
    public GradualOptions? Gradual { get; init; }

    [Description("fine-tuning: after the pruning, or, with gradual, around it; left out: none")]
    public TrainingOptions? Training { get; init; }

    public virtual OptionFault? FirstFault() =>
        Gradual is not null && Training is null ? new OptionFault(nameof(Gradual), "gradual pruning needs training in between: give \"training\"")
        : Gradual is not null && Training!.Epochs < Gradual.EndEpoch ? new OptionFault(nameof(Gradual), $"gradual pruning ends at epoch {Gradual.EndEpoch}, but the training has {Training.Epochs} epochs")
        : Sparsity is null && Granularity.KeptPerGroup is null && Layers.IsEmpty ? new OptionFault(nameof(Sparsity), "nothing to prune: give sparsity, or layers")
        : Sparsity is not null && Granularity.KeptPerGroup is { } kept ? new OptionFault(nameof(Granularity), $"the granularity {Granularity} by itself keeps {kept} of {Granularity.Columns} weights; leave sparsity out")
        : Rule == SelectionRule.Threshold && (!Granularity.IsSingleWeights || Layers.Values.Any(l => l.Granularity is { IsSingleWeights: false })) ? new OptionFault(nameof(Rule), "the threshold rule is for single weights")
        : Layers.Keys.FirstOrDefault(l => !Exclude.IsDefault && Exclude.Contains(l)) is { } both ? new OptionFault(nameof(Layers), $"layer '{both}' is excluded and has a sparsity; which one?")
        : null;
}

/// <summary>The smallest weights go.</summary>
public sealed record MagnitudeOptions : CriterionOptions;

/// <summary>Weights go by lot: what any statistic has to beat.</summary>
public sealed record RandomOptions : CriterionOptions;

/// <summary>Weights go whose movement during the training took them towards zero (Sanh et al. 2020).</summary>
public sealed record MovementOptions : CriterionOptions
{
    public override OptionFault? FirstFault() => base.FirstFault()
        ?? (Gradual is null ? new OptionFault(nameof(Gradual), "movement pruning judges weights by how they move in training: give gradual and training") : null)
        ?? (Gradual!.StartEpoch == 0 ? new OptionFault(nameof(Gradual), "movement pruning needs an epoch of training before it can judge: give gradual a startEpoch of 1 or more") : null);
}

/// <summary>What all criteria on gradients have in common.</summary>
public abstract record GradientCriterionOptions : CriterionOptions
{
    [Range(1, 1000000), Description("N: gradients of a curvature estimate, drawn anew in each step")]
    public int Gradients { get; init; } = 1000;

    [Range(1, 100000), Description("m: each gradient is the mean over so many samples")]
    public int GradientBatch { get; init; } = 1;

    [Description("how samples are changed before their gradients are taken; left out: not at all. A network that knows its samples by heart has hardly a slope on them")]
    public AugmentationOptions GradientAugmentation { get; init; } = new();

    [Range(1e-12, 1e6), Description("lambda, added to the diagonal")]
    public double Dampening { get; init; } = 1e-5;

    [Description("labels are drawn from the network's own softmax, in place of the samples' labels")]
    public bool TrueFisher { get; init; }

    [Range(1.0, 1000.0), Description("with trueFisher: logits are divided by it, as in distillation. Above 1, a network that is sure of its training samples still has a slope on them")]
    public double Temperature { get; init; } = 1;

    public override OptionFault? FirstFault() => base.FirstFault()
        ?? (Temperature > 1 && !TrueFisher ? new OptionFault(nameof(Temperature), "temperature is of the labels that trueFisher draws: set it too") : null);
}

/// <summary>w²·(F + λ)/2 by the diagonal of the Fisher matrix alone.</summary>
public sealed record DiagonalFisherOptions : GradientCriterionOptions
{
    [Description("the mean gradient's square is taken off the second moment")]
    public bool Centred { get; init; }
}

/// <summary>Statistics and updates by Kronecker-factored curvature (K-FAC, Martens and Grosse 2015).</summary>
public sealed record KroneckerOptions : GradientCriterionOptions
{
    [Description("exact, summed or none: what the weights that stay do")]
    public SurvivorUpdate Update { get; init; } = SurvivorUpdate.Summed;

    [Range(0.0, 1.0), Description("factor of the update")]
    public double UpdateScale { get; init; } = 1;

    public override OptionFault? FirstFault() => base.FirstFault()
        ?? (GradientBatch > 1 ? new OptionFault(nameof(GradientBatch), "Kronecker factors are moments over single samples: leave gradientBatch at 1") : null)
        ?? (Update == SurvivorUpdate.Greedy ? new OptionFault(nameof(Update), "greedy updates need a Fisher matrix in blocks: use woodfisher") : null);
}

/// <summary>Second-order pruning by the inverse Fisher matrix (WoodFisher, Singh and Alistarh 2020, and what came after).</summary>
public sealed record WoodFisherOptions : GradientCriterionOptions
{
    [Range(1, 10000000), Description("weights of a block of the Fisher matrix; left out: as many as there are in the scope")]
    public int? BlockSize { get; init; }

    [Description("layer: blocks end where layers end; network: they run over all layers")]
    public CurvatureScope Scope { get; init; } = CurvatureScope.Layer;

    [Description("how the inverse is kept; the numbers are the same")]
    public FisherForm Form { get; init; } = FisherForm.Automatic;

    [Description("exact, summed, greedy or none: what the weights that stay do")]
    public SurvivorUpdate Update { get; init; } = SurvivorUpdate.Exact;

    [Range(0.0, 1.0), Description("factor of the update")]
    public double UpdateScale { get; init; } = 1;

    [Description("WoodTaylor: the slope of the loss counts too, in statistics and updates")]
    public bool Taylor { get; init; }

    [Description("the mean gradient's square is taken off the second moment")]
    public bool Centred { get; init; }

    public override OptionFault? FirstFault() => base.FirstFault()
        ?? (Update == SurvivorUpdate.Greedy && (Taylor || FlopPower > 0 || Selection == SelectionScope.Independent || Rule == SelectionRule.Threshold)
            ? new OptionFault(nameof(Update), "greedy updates go with joint selection by the exact rule, without taylor and flopPower") : null)
        ?? (Update == SurvivorUpdate.Greedy && (Steps > 1 || Gradual is not null) && (Granularity.KeptPerGroup ?? Layers.Values.Max(l => l.Granularity?.KeptPerGroup)) is not null
            ? new OptionFault(nameof(Update), "greedy updates of N:M groups go in one step: what a group lost before is not counted") : null);

    internal FisherOptions Fisher => new(Dampening, BlockSize, Centred, Form switch
    {
        FisherForm.Dense => CurvatureForm.Dense,
        FisherForm.Factored => CurvatureForm.Factored,
        FisherForm.Dual => CurvatureForm.Dual,
        _ => CurvatureForm.Automatic,
    });
}
