namespace EdgeSparse.Energy.Sampling;

/// <summary>Energy in a window of a trace, with what makes it uncertain, each as a standard uncertainty in joules.</summary>
/// <param name="Joules">The integral.</param>
/// <param name="Seconds">The window's length.</param>
/// <param name="Readings">Readings within the window.</param>
/// <param name="Updates">Readings within it that differ from the one before: a meter slower than its readings repeats itself.</param>
/// <param name="LargestGapSeconds">The longest time without a reading.</param>
/// <param name="NoiseJoules">Of the readings' scatter.</param>
/// <param name="JitterJoules">Of not knowing when within its duration a reading was true.</param>
/// <param name="ResolutionJoules">Of the meter's smallest step; it does not shrink with more readings.</param>
public sealed record WindowEnergy(
    double Joules, double Seconds, int Readings, int Updates, double LargestGapSeconds, double NoiseJoules, double JitterJoules, double ResolutionJoules)
{
    /// <summary>The mean power.</summary>
    public double MeanWatts => Joules / Seconds;

    /// <summary>All three together.</summary>
    public double StandardUncertaintyJoules =>
        Math.Sqrt((NoiseJoules * NoiseJoules) + (JitterJoules * JitterJoules) + (ResolutionJoules * ResolutionJoules));
}
