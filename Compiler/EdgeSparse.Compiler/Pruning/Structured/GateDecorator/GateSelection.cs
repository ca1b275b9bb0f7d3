using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Pruning.Structured.GateDecorator;

/// <summary>Channels whose gates share a mask.</summary>
/// <param name="Scores">One a channel, summed over the gates; negative infinity for channels that are gone.</param>
/// <param name="Gates">How many gates there are.</param>
/// <param name="Fewest">Channels that stay at least.</param>
internal sealed record GateGroup(ImmutableArray<double> Scores, int Gates, int Fewest);

/// <summary>
/// Which channels a Tick prunes (the authors' code): of each group the highest scores are no candidates; the others, each as often
/// as it has gates, are sorted, and all up to the one in the place given go.
/// </summary>
internal static class GateSelection
{
    /// <summary>How many filters a Tick removes; one at least, so that it gets on.</summary>
    public static int CountOf(int left, double share) => Math.Max(1, (int)Math.Floor(left * share));

    /// <param name="groups">All groups.</param>
    /// <param name="count">Place of the threshold among the candidates, from 0.</param>
    /// <returns>True for the channels that stay, group by group.</returns>
    public static ImmutableArray<ImmutableArray<bool>> Keep(IReadOnlyList<GateGroup> groups, int count)
    {
        double[] candidates =
        [
            .. groups
                .SelectMany(g => Left(g).Order().Take(Math.Max(0, Left(g).Count() - g.Fewest)).SelectMany(s => Enumerable.Repeat(s, g.Gates)))
                .Order(),
        ];
        double threshold = candidates.Length == 0 ? double.NegativeInfinity : candidates[Math.Min(count, candidates.Length - 1)];
        return
        [
            .. groups.Select(g =>
            {
                double least = Left(g).OrderDescending().Take(g.Fewest).DefaultIfEmpty(double.PositiveInfinity).Last();
                return g.Scores.Select(s => !double.IsNegativeInfinity(s) && (s > threshold || s >= least)).ToImmutableArray();
            }),
        ];
    }

    private static IEnumerable<double> Left(GateGroup group) => group.Scores.Where(s => !double.IsNegativeInfinity(s));
}
