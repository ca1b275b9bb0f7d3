using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy;

/// <summary>One run: a window of idling and one of inferences.</summary>
/// <param name="Inferences">Inferences in the window.</param>
/// <param name="Idle">The window before.</param>
/// <param name="Busy">The window of inferences, from the beginning of the first to the end of the last.</param>
public sealed record EnergyRun(int Inferences, WindowEnergy Idle, WindowEnergy Busy)
{
    /// <summary>Energy of an inference beyond what the idle device would have drawn in its time.</summary>
    public double JoulesPerInference => (Busy.MeanWatts - Idle.MeanWatts) * Busy.Seconds / Inferences;

    /// <summary>Energy of an inference, all that the device drew.</summary>
    public double GrossJoulesPerInference => Busy.Joules / Inferences;

    /// <summary>Time of an inference.</summary>
    public double SecondsPerInference => Busy.Seconds / Inferences;

    /// <summary>Standard uncertainty of <see cref="JoulesPerInference"/> by scatter of the readings.</summary>
    internal double Noise => Combine(Busy.NoiseJoules, Idle.NoiseJoules);

    internal double Jitter => Combine(Busy.JitterJoules, Idle.JitterJoules);

    internal double Resolution => Combine(Busy.ResolutionJoules, Idle.ResolutionJoules);

    /// <summary>Idle energy is scaled to the busy window's length, and its uncertainty with it.</summary>
    private double Combine(double busy, double idle)
    {
        double scaled = idle * Busy.Seconds / Idle.Seconds;
        return Math.Sqrt((busy * busy) + (scaled * scaled)) / Inferences;
    }
}
