using System.Diagnostics;

namespace EdgeSparse.Energy.Sampling;

/// <summary>Seconds that never go back, whatever happens to the time of day; one zero for all threads of the process.</summary>
internal static class MonotonicClock
{
    private static readonly long Origin = Stopwatch.GetTimestamp();

    public static double Seconds => (Stopwatch.GetTimestamp() - Origin) / (double)Stopwatch.Frequency;
}
