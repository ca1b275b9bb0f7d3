using System.Collections.Immutable;
using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy;

/// <summary>What the uncertainty of joules per inference is made of, each a standard uncertainty in joules per inference.</summary>
/// <param name="Random">Of the median of runs: the larger of what the readings' scatter and jitter predict and what the runs' spread shows.</param>
/// <param name="Noise">Of one run, of the readings' scatter.</param>
/// <param name="Jitter">Of one run, of the readings' times.</param>
/// <param name="Spread">The runs' standard deviation; null with one run.</param>
/// <param name="Resolution">Of the meter's smallest step.</param>
/// <param name="Scale">Of shunt and gain; null where nobody vouches for the meter's scale, which is then not part of the sum.</param>
public sealed record EnergyUncertainty(double Random, double Noise, double Jitter, double? Spread, double Resolution, double? Scale)
{
    /// <summary>All together: √(random² + resolution² + scale²).</summary>
    public double Standard => Math.Sqrt((Random * Random) + (Resolution * Resolution) + ((Scale ?? 0) * (Scale ?? 0)));
}

/// <summary>Medians of the runs, and how far to trust them.</summary>
/// <param name="JoulesPerInference">Idle power subtracted.</param>
/// <param name="GrossJoulesPerInference">All that the device drew.</param>
/// <param name="SecondsPerInference">Time of an inference.</param>
/// <param name="IdleWatts">Mean power without inferences.</param>
/// <param name="BusyWatts">Mean power with them.</param>
/// <param name="Uncertainty">Of <paramref name="JoulesPerInference"/>.</param>
public sealed record EnergyMedian(
    double JoulesPerInference, double GrossJoulesPerInference, double SecondsPerInference, double IdleWatts, double BusyWatts, EnergyUncertainty Uncertainty);

/// <summary>The result of a measurement.</summary>
/// <param name="Meter">What was read.</param>
/// <param name="IntervalSeconds">Time between readings.</param>
/// <param name="Median">Null when the meter stopped before the last run had ended: there is no result then, only the runs before.</param>
/// <param name="Stopped">Why it stopped; null when it did not.</param>
/// <param name="Runs">Those that are whole, in order.</param>
/// <param name="Remarks">What a reader of the numbers should know.</param>
public sealed record EnergyResult(
    MeterInfo Meter, double IntervalSeconds, EnergyMedian? Median, string? Stopped, ImmutableArray<EnergyRun> Runs, ImmutableArray<string> Remarks)
{
    /// <summary>Whether all runs were measured.</summary>
    public bool Complete => Stopped is null;
}

/// <summary>A result with the readings that it comes from.</summary>
/// <param name="Result">The numbers.</param>
/// <param name="Trace">All readings.</param>
/// <param name="Phases">The windows in the trace.</param>
public sealed record EnergyMeasurement(EnergyResult Result, PowerTrace Trace, ImmutableArray<TracePhase> Phases);
