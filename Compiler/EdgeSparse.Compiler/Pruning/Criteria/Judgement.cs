using System.Collections.Immutable;
using EdgeSparse.Compiler.Training.Gradients;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>What a criterion says of the weights as they are now: what each is worth, and what the others do when some go.</summary>
internal abstract class Judgement : IDisposable
{
    /// <summary>What was seen of the training samples on the way, if any.</summary>
    public virtual GradientSummary? Seen => null;

    /// <summary>A line that a user should know, or null.</summary>
    public virtual string? Note => null;

    /// <summary>The statistic of each weight of a layer, row-major: the lowest go first. Not negative; what was pruned before is not looked at.</summary>
    /// <param name="layer">Its place among the layers pruned.</param>
    public abstract double[] Statistics(int layer);

    /// <summary>The statistic of groups of weights that go together, for each weight in it.</summary>
    /// <param name="layer">Its place among the layers pruned.</param>
    /// <param name="groups">Places of each group's weights in the layer.</param>
    public abstract double[] GroupStatistics(int layer, IReadOnlyList<int[]> groups);

    /// <summary>
    /// Which weights of some layers stay when others go, where the judgement decides that by more than statistics; else null.
    /// </summary>
    /// <param name="some">The layers, by their places among those pruned, each with its blocks or N:M groups, or null for single weights.</param>
    /// <param name="alive">Of each of them, what was not pruned before.</param>
    /// <param name="keptPerGroup">N of N:M; null where blocks or weights go as they are.</param>
    /// <param name="count">Weights that go.</param>
    public virtual IReadOnlyList<bool[]>? Keep(
        IReadOnlyList<(int Layer, IReadOnlyList<int[]>? Groups)> some, IReadOnlyList<bool[]> alive, int? keptPerGroup, long count) => null;

    /// <summary>All layers' weights after some go. Values of those that go do not matter.</summary>
    /// <param name="pruned">Of each layer, the weights that go now.</param>
    public abstract ImmutableArray<float[]> Updated(ImmutableArray<bool[]> pruned);

    public virtual void Dispose()
    {
        // Most hold arrays alone.
        GC.SuppressFinalize(this);
    }
}

/// <summary>A statistic for each weight, and nothing else: a group is worth the mean of its weights, and the others stay as they are.</summary>
/// <param name="weights">Of each layer.</param>
/// <param name="statistics">Of each layer.</param>
internal sealed class ScoredJudgement(ImmutableArray<float[]> weights, ImmutableArray<double[]> statistics) : Judgement
{
    public override double[] Statistics(int layer) => statistics[layer];

    public override double[] GroupStatistics(int layer, IReadOnlyList<int[]> groups) =>
        [.. groups.Select(g => g.Average(place => statistics[layer][place]))];

    public override ImmutableArray<float[]> Updated(ImmutableArray<bool[]> pruned) => weights;
}
