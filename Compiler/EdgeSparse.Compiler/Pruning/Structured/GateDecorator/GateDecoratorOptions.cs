using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Structured.GateDecorator;

/// <summary>Gate Decorator: gates on batch normalisations, Tick-Tock pruning, fine-tuning; docs/methods.md.</summary>
public sealed record GateDecoratorOptions : StructuredOptions
{
    private static readonly OptimizerOptions Slow = new() { LearningRate = 1e-3, WeightDecay = 5e-4 };
    private static readonly ScheduleOptions Triangle = new() { Kind = ScheduleKind.Triangular, MinLearningRate = 1e-3 };

    public GateDecoratorOptions()
    {
        LargestShare = 0.9;
        FineTune = new TrainingOptions
        {
            Epochs = 40,
            BatchSize = 128,
            Optimizer = new OptimizerOptions { LearningRate = 1e-2, Momentum = 0, WeightDecay = 5e-4 },
            Schedule = Triangle,
        };
    }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("share of the filters left that each Tick removes")]
    public double Share { get; init; } = 0.002;

    [Range(1, 10000), Description("Ticks between two Tocks")]
    public int TicksPerTock { get; init; } = 10;

    [Range(1, int.MaxValue), Description("samples of a Tick; all when null")]
    public int? TickSamples { get; init; }

    [Range(0.0, 1.0), Description("coefficient of the penalty on gates during a Tock")]
    public double SparseLambda { get; init; } = 1e-3;

    [Range(0.0, 1e6), Description("how much the size of a gate's map counts against its channels")]
    public double Eta { get; init; }

    [Description("a Tick: gates, shifts and classifier learn, convolutions do not, and scores are taken")]
    public TrainingOptions Tick { get; init; } = new() { Epochs = 1, BatchSize = 128, Optimizer = Slow };

    [Description("a Tock: everything learns; none when null")]
    public TrainingOptions? Tock { get; init; } = new()
    {
        Epochs = 10,
        BatchSize = 128,
        Optimizer = new OptimizerOptions { LearningRate = 1e-2, WeightDecay = 5e-4 },
        Schedule = Triangle,
    };

    internal override IEnumerable<(string Key, TrainingOptions Training)> Trainings() =>
        [("tick", Tick), .. Tock is null ? Array.Empty<(string, TrainingOptions)>() : [("tock", Tock)], .. base.Trainings()];

    public override OptionFault? FirstFault() => base.FirstFault()
        ?? (Tick.Optimizer.Kind != OptimizerKind.Sgd ? new OptionFault(nameof(Tick), "tick.optimizer.kind must be sgd: gates are trained by it")
            : Tock is not null && Tock.Optimizer.Kind != OptimizerKind.Sgd ? new OptionFault(nameof(Tock), "tock.optimizer.kind must be sgd: gates are trained by it")
            : null);
}
