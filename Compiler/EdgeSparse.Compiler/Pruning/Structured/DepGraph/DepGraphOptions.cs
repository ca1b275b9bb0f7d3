using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Structured.DepGraph;

/// <summary>How the scores of a group's layers become one.</summary>
public enum ImportanceReduction
{
    Mean,
    Sum,
    Max,
    Product,

    /// <summary>That of the first layer alone.</summary>
    First,
}

/// <summary>What a score is divided by, so that groups can be compared.</summary>
public enum ImportanceScale
{
    /// <summary>The mean over the group's channels.</summary>
    Mean,

    /// <summary>The largest of the group.</summary>
    Max,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>The group-norm importance of channels (Fang et al. 2023, section 3.3).</summary>
public sealed record ImportanceOptions
{
    [Range(0.1, 10.0), Description("p of the sum of |w|^p")]
    public double Norm { get; init; } = 2;

    [Description("how the scores of a group's layers become one: mean, sum, max, product or first")]
    public ImportanceReduction Reduction { get; init; } = ImportanceReduction.Mean;

    [Description("what scores are divided by before groups are compared: mean, max or none")]
    public ImportanceScale Scale { get; init; } = ImportanceScale.Mean;
}

/// <summary>Training with a penalty that pulls unimportant channels to zero as groups (Fang et al. 2023, section 3.3).</summary>
public sealed record SparseLearningOptions
{
    [Range(0.0, 1.0), Description("coefficient of the penalty")]
    public double Regularization { get; init; } = 5e-4;

    [Range(0.0, 20.0), Description("the least important channel is pulled 2^alpha times as hard as the most important one")]
    public double Alpha { get; init; } = 4;

    [Description("go by the importance itself, as the paper has it, in place of its square root, as its code does")]
    public bool OnImportance { get; init; }

    [Description("what scores are divided by in the penalty: mean, max or none")]
    public ImportanceScale Scale { get; init; } = ImportanceScale.Max;

    [Description("its training; weight decay is off meanwhile")]
    public TrainingOptions Training { get; init; } = new() { Epochs = 2 };
}

/// <summary>DepGraph: group importance, group-sparse training, global pruning to a target, fine-tuning; docs/methods.md.</summary>
public sealed record DepGraphOptions : StructuredOptions
{
    [Description("what counts as important")]
    public ImportanceOptions Importance { get; init; } = new();

    [Description("group-sparse training before pruning; none when null")]
    public SparseLearningOptions? SparseLearning { get; init; }

    [Range(1, 100000), Description("steps in which the threshold rises, scores being computed anew at each")]
    public int Steps { get; init; } = 400;

    [Range(1, 10000), Description("rounds that the target is reached in while the network trains")]
    public int Rounds { get; init; } = 1;

    [Description("training that goes on between the rounds; without it all channels go at once")]
    public TrainingOptions? Pruning { get; init; }

    internal override IEnumerable<(string Key, TrainingOptions Training)> Trainings() =>
    [
        .. SparseLearning is null ? Array.Empty<(string, TrainingOptions)>() : [("sparseLearning.training", SparseLearning.Training)],
        .. Pruning is null ? Array.Empty<(string, TrainingOptions)>() : [("pruning", Pruning)],
        .. base.Trainings(),
    ];

    public override OptionFault? FirstFault() => base.FirstFault()
        ?? (Pruning is null && Rounds > 1 ? new OptionFault(nameof(Rounds), $"rounds is {Rounds}, which needs 'pruning', the training between them")
            : Pruning is null && DecayOrNone.Steps > 1 ? TooLong(DecayOrNone.Steps, "there is no 'pruning', the training during which channels decay")
            : null);
}
