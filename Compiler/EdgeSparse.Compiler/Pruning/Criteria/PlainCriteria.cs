using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>w².</summary>
internal sealed class MagnitudeCriterion : IPruningCriterion
{
    public Judgement Judge(CriterionContext context) => PlainJudgement.Of(context, layer =>
    {
        ReadOnlySpan<float> values = context.ValuesOf(layer);
        double[] squares = new double[values.Length];
        for (int i = 0; i < squares.Length; i++)
        {
            squares[i] = (double)values[i] * values[i];
        }

        return squares;
    });
}

/// <summary>A number drawn for each weight.</summary>
internal sealed class RandomCriterion : IPruningCriterion
{
    public Judgement Judge(CriterionContext context) => PlainJudgement.Of(context, layer =>
    {
        // The same lots in every round: what a weight drew, it keeps.
        SeededRandom random = new(context.Run.Seed, RandomPurpose.Scores, layer);
        double[] lots = new double[context.Layers[layer].Count];
        for (int i = 0; i < lots.Length; i++)
        {
            lots[i] = random.NextUInt64() / (double)ulong.MaxValue;
        }

        return lots;
    });
}

/// <summary>S = −Σ w·∂L/∂w over the training so far (Sanh et al. 2020, equation 2 without its rate), raised so that none is negative.</summary>
internal sealed class MovementCriterion : IPruningCriterion
{
    public Judgement Judge(CriterionContext context)
    {
        double least = context.Layers.Min(l => (double)context.Movement[l.Weight].Min());
        return PlainJudgement.Of(context, layer => [.. context.Movement[context.Layers[layer].Weight].Select(s => s - least)]);
    }
}

/// <summary>Statistics that need nothing but the weights.</summary>
internal static class PlainJudgement
{
    public static ScoredJudgement Of(CriterionContext context, Func<int, double[]> statistics) => new(
        [.. context.Layers.Select((_, i) => context.ValuesOf(i).ToArray())],
        [.. context.Layers.Select((_, i) => statistics(i))]);
}
