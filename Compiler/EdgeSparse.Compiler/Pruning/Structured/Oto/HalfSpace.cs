namespace EdgeSparse.Compiler.Pruning.Structured.Oto;

/// <summary>The formulas of DHSPG, the dual half-space projected gradient (Chen et al. 2023, "OTOv2", section 3.2, and its code).</summary>
internal static class HalfSpace
{
    private const double Tiny = 1e-8;

    /// <summary>
    /// How redundant groups are: the cosine between a group and its gradient, high where descending the loss shrinks the group, and
    /// the reciprocal of its mean magnitude, each divided by its norm over all groups.
    /// </summary>
    /// <param name="dots">⟨x, g⟩ of each group.</param>
    /// <param name="norms">‖x‖.</param>
    /// <param name="gradientNorms">‖g‖.</param>
    /// <param name="lengths">Parameters of each group.</param>
    public static double[] Scores(
        IReadOnlyList<double> dots, IReadOnlyList<double> norms, IReadOnlyList<double> gradientNorms, IReadOnlyList<double> lengths)
    {
        double[] cosines = [.. dots.Select((d, i) => norms[i] * gradientNorms[i] > 0 ? d / (norms[i] * gradientNorms[i]) : 0)];
        double[] smallness = [.. norms.Select((n, i) => 1 / ((n / lengths[i]) + 1e-6))];
        (double c, double r) = (Length(cosines), Length(smallness));
        return [.. cosines.Select((cosine, i) => (c > 0 ? 0.5 * cosine / c : 0) + (0.5 * smallness[i] / r))];
    }

    /// <summary>How many groups are chosen for a target share.</summary>
    public static int CountOf(int total, double target, double tolerance) => (int)Math.Floor(total * Math.Min(target + tolerance, 0.999));

    /// <summary>
    /// The penalty on a chosen group. Where the loss pulls it away from zero the penalty has to be strong enough to turn the step, but
    /// not so strong that the loss would rise.
    /// </summary>
    /// <param name="dot">⟨x, g⟩.</param>
    /// <param name="gradientSquare">‖g‖².</param>
    /// <param name="norm">‖x‖, above 0.</param>
    /// <param name="options">lambda, amplify and largestFactor.</param>
    public static double Penalty(double dot, double gradientSquare, double norm, OtoOptions options)
    {
        if (dot >= 0)
        {
            return options.Lambda;
        }

        double low = -dot / norm;
        double high = -gradientSquare * norm / dot;
        double penalty = Math.Clamp(options.Amplify * low, options.Lambda, options.Lambda * options.LargestFactor);
        return penalty >= high ? (low + high) / 2 : penalty;
    }

    /// <summary>What is subtracted of x itself in a step: rate · λ / (‖x‖ + 10⁻⁸).</summary>
    public static double Shrink(double rate, double penalty, double norm) => rate * penalty / (norm + Tiny);

    /// <summary>Whether a group leaves its half-space and becomes zero: ⟨x̂, x⟩ &lt; ε ‖x‖².</summary>
    public static bool Leaves(double dotAfter, double norm, double epsilon) => dotAfter < epsilon * norm * norm;

    private static double Length(double[] values) => Math.Sqrt(values.Sum(v => v * v));
}
