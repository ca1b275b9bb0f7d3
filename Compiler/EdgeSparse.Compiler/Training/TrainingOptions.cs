using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Training;

// These records are what a recipe's JSON binds to: property names are its keys (camelCase), attributes its limits, and
// descriptions the texts of docs/recipe.schema.json.

public enum OptimizerKind
{
    Sgd,
    AdamW,
}

public enum ScheduleKind
{
    /// <summary>The same rate throughout.</summary>
    Constant,

    /// <summary>× gamma every stepEpochs epochs, or after each of the milestones.</summary>
    Step,

    /// <summary>Half a cosine from the rate to its minimum, per iteration.</summary>
    Cosine,

    /// <summary>Minimum to rate to minimum, linear, per iteration.</summary>
    Triangular,
}

public enum Precision
{
    /// <summary>Everything in 32 bits.</summary>
    Float32,

    /// <summary>Convolutions and what lies between them in bfloat16, weights, statistics, classifier and loss in 32 bits.</summary>
    Bfloat16,
}

public sealed record OptimizerOptions
{
    [Description("sgd or adamW")]
    public OptimizerKind Kind { get; init; } = OptimizerKind.Sgd;

    [Range(1e-9, 100.0), Description("highest learning rate of the schedule")]
    public double LearningRate { get; init; } = 0.05;

    [Range(0.0, 0.9999), Description("momentum of SGD")]
    public double Momentum { get; init; } = 0.9;

    [Description("Nesterov momentum")]
    public bool Nesterov { get; init; }

    [Range(0.0, 1.0), Description("L2 for SGD (added to the gradient), decoupled decay for adamW; on weights, not on biases")]
    public double WeightDecay { get; init; }

    [Range(0.0, 1.0), Description("coefficient of the L1 penalty on prunable weights (its subgradient is added to the gradient)")]
    public double L1 { get; init; }
}

public sealed record ScheduleOptions : IOptionRules
{
    [Description("constant, step, cosine or triangular")]
    public ScheduleKind Kind { get; init; } = ScheduleKind.Constant;

    [Range(1, 100000), Description("step: epochs between drops")]
    public int StepEpochs { get; init; } = 30;

    [Description("step: epochs after which the rate drops, ascending, in place of one drop every stepEpochs")]
    public ImmutableArray<int> Milestones { get; init; } = [];

    [Range(1e-6, 1.0), Description("step: factor of each drop")]
    public double Gamma { get; init; } = 0.1;

    [Range(0.0, 100.0), Description("cosine and triangular: lowest learning rate")]
    public double MinLearningRate { get; init; }

    [Range(0.0, 100000.0), Description("epochs of linear warm-up from zero before the schedule")]
    public double WarmupEpochs { get; init; }

    public OptionFault? FirstFault() => Milestones.Where((m, i) => m < 1 || (i > 0 && m <= Milestones[i - 1])).Any()
        ? new OptionFault(nameof(Milestones), $"milestones are {string.Join(", ", Milestones)}; allowed: whole numbers from 1, ascending")
        : null;
}

public sealed record AugmentationOptions
{
    [Range(0, 64), Description("largest shift in pixels, each axis, uniform, filled with black")]
    public int Shift { get; init; }

    [Description("mirror left and right with probability one half")]
    public bool Flip { get; init; }

    [Range(0, 64), Description("pad by so many pixels and crop back at a random place")]
    public int CropPadding { get; init; }

    [Range(0.001, 1.0), Description("train on random parts of pictures of a folder, of at least this share of the area (0.08 is usual for ImageNet) and 3:4 to 4:3, each brought to the network's size")]
    public double? ResizedCrop { get; init; }
}

/// <summary>One run of training over a data set.</summary>
public sealed record TrainingOptions
{
    [Range(1, 100000), Description("passes over the training set")]
    public int Epochs { get; init; } = 10;

    [Range(1, 65536), Description("samples a step")]
    public int BatchSize { get; init; } = 64;

    public OptimizerOptions Optimizer { get; init; } = new();

    public ScheduleOptions Schedule { get; init; } = new();

    public AugmentationOptions Augmentation { get; init; } = new();

    [Description("float32, or bfloat16: what convolutions compute in; faster where the processor has instructions for it (AVX512-BF16, AMX, CUDA from 8.0), slower elsewhere")]
    public Precision Precision { get; init; } = Precision.Float32;

    [Range(0.0, 0.999), Description("label smoothing of the cross-entropy")]
    public double LabelSmoothing { get; init; }

    [Range(0.0, 1.0), Description("weight of the distillation loss from the dense network (0: labels only; 1: no labels needed)")]
    public double Distillation { get; init; }

    [Range(0.1, 100.0), Description("temperature of the distillation softmax")]
    public double DistillationTemperature { get; init; } = 2.0;
}
