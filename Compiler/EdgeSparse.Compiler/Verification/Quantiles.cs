namespace EdgeSparse.Compiler.Verification;

/// <summary>Quantiles of measured values.</summary>
internal static class Quantiles
{
    /// <summary>Linear between the two nearest ranks.</summary>
    /// <param name="sorted">In ascending order, at least one.</param>
    /// <param name="share">0 to 1.</param>
    public static double Of(ReadOnlySpan<double> sorted, double share)
    {
        double rank = share * (sorted.Length - 1);
        int below = (int)rank;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((rank - below) * (sorted[above] - sorted[below]));
    }

    /// <param name="values">In any order, at least one; they stay as they are.</param>
    public static double Median(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        return Of(sorted, 0.5);
    }
}
