namespace EdgeSparse.Compiler.Verification;

/// <summary>Microseconds a call, over all timed samples.</summary>
/// <param name="MedianMicroseconds">Half of the samples took no longer.</param>
/// <param name="P5Microseconds">One in twenty took no longer.</param>
/// <param name="P95Microseconds">One in twenty took longer.</param>
public sealed record LatencyStatistics(double MedianMicroseconds, double P5Microseconds, double P95Microseconds)
{
    /// <param name="microseconds">One value a sample, at least one; gets sorted.</param>
    internal static LatencyStatistics Of(List<double> microseconds)
    {
        microseconds.Sort();
        return new LatencyStatistics(Quantile(microseconds, 0.5), Quantile(microseconds, 0.05), Quantile(microseconds, 0.95));
    }

    /// <summary>Linear between the two nearest ranks.</summary>
    private static double Quantile(List<double> sorted, double share)
    {
        double rank = share * (sorted.Count - 1);
        int below = (int)rank;
        int above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + ((rank - below) * (sorted[above] - sorted[below]));
    }
}
