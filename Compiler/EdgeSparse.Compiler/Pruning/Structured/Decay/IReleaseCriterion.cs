namespace EdgeSparse.Compiler.Pruning.Structured.Decay;

/// <summary>What one optimizer step did to a decaying channel, before its length was prescribed.</summary>
/// <param name="NormBefore">‖x‖ before the step.</param>
/// <param name="NormAfter">‖x̂‖ after it.</param>
/// <param name="StepNorm">‖x̂ − x‖.</param>
/// <param name="GradientNorm">‖g‖ of the loss on the channel's parameters, without penalties.</param>
/// <param name="MeanGradientNorm">The mean of that over the channels of its group that are not pruned.</param>
/// <param name="Parameters">Length of x.</param>
public readonly record struct DecayMeasure(
    double NormBefore, double NormAfter, double StepNorm, double GradientNorm, double MeanGradientNorm, long Parameters);

/// <summary>Decides whether a decaying channel was wrongly chosen. Smooth pruning does not depend on how.</summary>
public interface IReleaseCriterion
{
    /// <summary>All that determines it, for checkpoints.</summary>
    string Identity { get; }

    /// <summary>Whether the channel's gradients resist its decay in this step.</summary>
    bool Resists(in DecayMeasure measure);
}

/// <summary>
/// The paper compares an actual escape rate and a gradient length with thresholds, but its normalisation could not be read; this
/// one is ours. The rate is the share of the step that goes into growth, −1 to 1, and says nothing of the step's length; the
/// length is the gradient's norm beside those of the channel's group, and says nothing of its direction.
/// </summary>
/// <param name="RateThreshold">
/// A rate above it resists. Without one, a rate above what chance gives: a small step in a random direction has a rate of mean 0 and
/// standard deviation 1/√d in d parameters, so that a fixed threshold is never reached by long vectors and nearly always by short ones.
/// </param>
/// <param name="LengthThreshold">So long as the length is above this one.</param>
public sealed record EscapeCriterion(double? RateThreshold, double LengthThreshold) : IReleaseCriterion
{
    /// <summary>Standard deviations above chance.</summary>
    public const double Deviations = 2;

    private const double Tiny = 1e-12;

    public string Identity => FormattableString.Invariant($"escape {RateThreshold:R} {LengthThreshold:R}");

    /// <summary>The rate that a channel of so many parameters has to exceed: above 1, which no rate is, up to four of them.</summary>
    public double ThresholdFor(long parameters) => RateThreshold ?? (Deviations / Math.Sqrt(parameters));

    public static double Rate(in DecayMeasure measure) => (measure.NormAfter - measure.NormBefore) / (measure.StepNorm + Tiny);

    public static double Length(in DecayMeasure measure) => measure.GradientNorm / (measure.MeanGradientNorm + Tiny);

    public bool Resists(in DecayMeasure measure) =>
        measure.NormBefore >= Tiny && Rate(measure) > ThresholdFor(measure.Parameters) && Length(measure) > LengthThreshold;
}
