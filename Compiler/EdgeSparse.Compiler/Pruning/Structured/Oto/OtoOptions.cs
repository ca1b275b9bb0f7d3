using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Structured.Oto;

/// <summary>OTOv2: zero-invariant groups are driven to zero during one training and cut out after it; docs/methods.md.</summary>
public sealed record OtoOptions : StructuredOptions
{
    public OtoOptions()
    {
        FineTune = null;
    }

    [Description("the training during which groups go to zero")]
    public TrainingOptions Training { get; init; } = new() { Epochs = 10 };

    [Range(0.0, 100000.0), Description("epochs of plain training before groups are chosen")]
    public double StartEpochs { get; init; } = 1;

    [Range(0.0, 100000.0), Description("epochs before groups may be set to zero, counted from the beginning")]
    public double HalfSpaceEpochs { get; init; } = 1;

    [Range(0.0, 10000.0), Description("least coefficient of the penalty on chosen groups")]
    public double Lambda { get; init; } = 1e-3;

    [Range(1.0, 1000.0), Description("how much stronger than needed the penalty is where the loss would let a group grow")]
    public double Amplify { get; init; } = 2;

    [Range(1.0, 1e6), Description("largest penalty, as a multiple of lambda")]
    public double LargestFactor { get; init; } = 10;

    [Range(0.0, 1.0), Description("a group goes to zero where its step leaves less than this share of it in its direction")]
    public double Epsilon { get; init; } = 0.95;

    [Range(0.0, 1.0), Description("share of groups chosen beyond what the target needs")]
    public double Tolerance { get; init; } = 0.05;

    [Range(1, 1024), Description("kept channels of a group are a multiple of this")]
    public int DivisibleBy { get; init; } = 1;

    internal override IEnumerable<(string Key, TrainingOptions Training)> Trainings() => [("training", Training), .. base.Trainings()];

    public override OptionFault? FirstFault() => base.FirstFault()
        ?? (StartEpochs >= Training.Epochs
            ? new OptionFault(nameof(StartEpochs), FormattableString.Invariant($"startEpochs is {StartEpochs}, but the training has only {Training.Epochs} epochs"))
            : HalfSpaceEpochs >= Training.Epochs
            ? new OptionFault(nameof(HalfSpaceEpochs), FormattableString.Invariant($"halfSpaceEpochs is {HalfSpaceEpochs}, but the training has only {Training.Epochs} epochs"))
            : null);
}
