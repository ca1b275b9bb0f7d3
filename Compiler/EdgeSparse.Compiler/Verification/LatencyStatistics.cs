using System.Runtime.InteropServices;

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
        ReadOnlySpan<double> sorted = CollectionsMarshal.AsSpan(microseconds);
        return new LatencyStatistics(Quantiles.Of(sorted, 0.5), Quantiles.Of(sorted, 0.05), Quantiles.Of(sorted, 0.95));
    }
}
