namespace EdgeSparse.Compiler.Pruning;

/// <summary>How far a layer is pruned at each point on the way to its target.</summary>
public static class SparsitySchedule
{
    /// <summary>
    /// Gradual pruning, s(t) = sf − (sf − si)(1 − pr)³ with pr = (t − t0)/(t1 − t0) held in 0 to 1 (Zhu and Gupta 2017,
    /// equation 1).
    /// </summary>
    /// <param name="initial">si, the sparsity up to t0.</param>
    /// <param name="final">sf, the sparsity from t1 on.</param>
    /// <param name="start">t0.</param>
    /// <param name="end">t1, above t0.</param>
    /// <param name="time">t, in the unit of t0 and t1.</param>
    public static double Cubic(double initial, double final, double start, double end, double time)
    {
        double left = 1 - Math.Clamp((time - start) / (end - start), 0, 1);
        return final - ((final - initial) * left * left * left);
    }

    /// <summary>A density that falls by the same factor in every round: from·(to/from)^(round/rounds).</summary>
    /// <param name="from">Density before the first round.</param>
    /// <param name="to">Density after the last, above 0.</param>
    /// <param name="round">1 to <paramref name="rounds"/>; the last gives exactly <paramref name="to"/>.</param>
    /// <param name="rounds">How many.</param>
    public static double Geometric(double from, double to, int round, int rounds) =>
        round == rounds ? to : from * Math.Pow(to / from, (double)round / rounds);
}
