using System.Collections.Immutable;
using System.Globalization;

namespace EdgeSparse.Energy;

/// <summary>Medians of runs and their uncertainty.</summary>
internal static class RunStatistics
{
    /// <summary>The standard error of a median over that of a mean, for a normal distribution and many runs; for five it is 1.20.</summary>
    private static readonly double MedianPenalty = Math.Sqrt(Math.PI / 2);

    /// <summary>Coverage of about 95 %.</summary>
    private const double Coverage = 2;

    private const int FewUpdates = 10;
    private const double LongGap = 10;

    /// <param name="meter">Vouches for its scale, or not.</param>
    /// <param name="runs">At least one.</param>
    public static EnergyMedian Median(MeterInfo meter, IReadOnlyList<EnergyRun> runs)
    {
        double joules = Of(runs, r => r.JoulesPerInference);
        double noise = Of(runs, r => r.Noise);
        double jitter = Of(runs, r => r.Jitter);
        double? spread = null;
        double random = Math.Sqrt((noise * noise) + (jitter * jitter));
        if (runs.Count > 1)
        {
            spread = StandardDeviation(runs);
            random = Math.Max(random, spread.Value) * MedianPenalty / Math.Sqrt(runs.Count);
        }

        return new EnergyMedian(
            joules, Of(runs, r => r.GrossJoulesPerInference), Of(runs, r => r.SecondsPerInference), Of(runs, r => r.Idle.MeanWatts),
            Of(runs, r => r.Busy.MeanWatts),
            new EnergyUncertainty(random, noise, jitter, spread, Of(runs, r => r.Resolution), Math.Abs(joules) * meter.ScaleUncertainty));
    }

    /// <summary>What may be wrong with the numbers.</summary>
    public static ImmutableArray<string> Remarks(MeterInfo meter, IReadOnlyList<EnergyRun> runs, EnergyMedian? median, double interval)
    {
        ImmutableArray<string>.Builder remarks = ImmutableArray.CreateBuilder<string>();
        if (meter.ScaleUncertainty is null)
        {
            remarks.Add("nobody vouches for this meter's scale: the uncertainty is of repeating the measurement, not of the true energy");
        }

        int updates = int.MaxValue;
        double gap = 0;
        foreach (EnergyRun run in runs)
        {
            updates = Math.Min(updates, Math.Min(run.Busy.Updates, run.Idle.Updates));
            gap = Math.Max(gap, Math.Max(run.Busy.LargestGapSeconds, run.Idle.LargestGapSeconds));
        }

        if (updates < FewUpdates)
        {
            remarks.Add($"the meter's reading changed only {updates} times in a window: it is too slow or too coarse for windows of this length");
        }

        if (gap > LongGap * interval)
        {
            remarks.Add(string.Create(CultureInfo.InvariantCulture, $"up to {gap:0.###} s passed without a reading, where {interval:0.###} s were meant to"));
        }

        if (median is not null && Math.Abs(median.JoulesPerInference) <= Coverage * median.Uncertainty.Standard)
        {
            remarks.Add("the difference between busy and idle is within the uncertainty: this measurement cannot tell it from zero");
        }

        if (median is { BusyWatts: < 0 })
        {
            remarks.Add("the power is negative: the current flows back, or the shunt's two ends are swapped");
        }

        return remarks.ToImmutable();
    }

    private static double StandardDeviation(IReadOnlyList<EnergyRun> runs)
    {
        double mean = 0;
        foreach (EnergyRun run in runs)
        {
            mean += run.JoulesPerInference / runs.Count;
        }

        double squares = 0;
        foreach (EnergyRun run in runs)
        {
            squares += (run.JoulesPerInference - mean) * (run.JoulesPerInference - mean);
        }

        return Math.Sqrt(squares / (runs.Count - 1));
    }

    /// <summary>The median of a number of each run; without LINQ, for the size of the device's executable.</summary>
    private static double Of(IReadOnlyList<EnergyRun> runs, Func<EnergyRun, double> value)
    {
        double[] values = new double[runs.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = value(runs[i]);
        }

        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
