using System.Collections.Immutable;
using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training.Gradients;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>Layers whose weights, one after the other, have one curvature.</summary>
/// <param name="Layers">Places among the layers pruned.</param>
/// <param name="Lengths">Weights of each.</param>
/// <param name="Inverse">Over all their weights.</param>
/// <param name="Weights">Theirs, [d] float64.</param>
/// <param name="MeanGradient">[d] float64, where the slope counts; else null.</param>
internal sealed record CurvaturePart(
    ImmutableArray<int> Layers, ImmutableArray<int> Lengths, IInverseCurvature Inverse, Tensor Weights, Tensor? MeanGradient) : IDisposable
{
    /// <param name="context">The network.</param>
    /// <param name="layers">Places among the layers pruned.</param>
    /// <param name="inverse">Over all their weights; the part's from here on.</param>
    /// <param name="meanGradient">[d] float64 or null; the part's from here on.</param>
    /// <param name="device">Where the inverse lies.</param>
    public static CurvaturePart Of(CriterionContext context, ImmutableArray<int> layers, IInverseCurvature inverse, Tensor? meanGradient, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = cat([.. layers.Select(l => tensor(context.ValuesOf(l).ToArray()))]).to(ScalarType.Float64, device);
        return new CurvaturePart(layers, [.. layers.Select(l => context.Layers[l].Count)], inverse, weights.DetachFromDisposeScope(), meanGradient);
    }

    public void Dispose()
    {
        Inverse.Dispose();
        Weights.Dispose();
        MeanGradient?.Dispose();
    }
}

/// <summary>
/// What the quadratic model of the loss says, ½·δwᵀHδw, of taking weights away: w²/(2·(H⁻¹)_qq) for one, ½·w_Qᵀ((H⁻¹)_QQ)⁻¹w_Q for a
/// group (Singh and Alistarh 2020; Kurtic et al. 2022). With the slope, w − H⁻¹g stands for w (WoodTaylor), less what does not
/// depend on the weight.
/// </summary>
internal sealed class CurvatureJudgement : Judgement
{
    private readonly ImmutableArray<CurvaturePart> parts;
    private readonly SurvivorUpdate update;
    private readonly double updateScale;
    private readonly Dictionary<int, double[]> statistics = [];

    /// <param name="parts">All layers, each in one part; this object's from here on.</param>
    /// <param name="update">What the weights that stay do.</param>
    /// <param name="updateScale">Its factor.</param>
    /// <param name="seen">Of the samples.</param>
    public CurvatureJudgement(ImmutableArray<CurvaturePart> parts, SurvivorUpdate update, double updateScale, GradientSummary seen)
    {
        (this.parts, this.update, this.updateScale, Seen) = (parts, update, updateScale, seen);
        foreach (CurvaturePart part in parts)
        {
            using DisposeScope scope = NewDisposeScope();
            Split(part, SaliencyStatistic.Single(Reduced(part), part.Inverse.Diagonal()), (layer, values) => statistics[layer] = values.data<double>().ToArray());
        }
    }

    public override GradientSummary? Seen { get; }

    public override string? Note => parts.Sum(p => p.Inverse.MagnitudeBlocks) is > 0 and int bad
        ? $"in {bad} of {parts.Sum(p => p.Inverse.Blocks.Length)} blocks the gradients gave no curvature: weights were judged by magnitude there"
        : null;

    public override double[] Statistics(int layer) => statistics[layer];

    public override double[] GroupStatistics(int layer, IReadOnlyList<int[]> groups)
    {
        using DisposeScope scope = NewDisposeScope();
        CurvaturePart part = parts.Single(p => p.Layers.Contains(layer));
        long start = part.Layers.TakeWhile(l => l != layer).Select((_, i) => (long)part.Lengths[i]).Sum();
        Tensor table = TableOf(groups, start, part.Weights.device);
        // By weight, so that a smaller block at an edge is judged like the others.
        Tensor each = WeightGroups.Saliencies(part.Inverse, Reduced(part), table) / table.ge(0).sum(1);
        return each.cpu().data<double>().ToArray();
    }

    public override IReadOnlyList<bool[]>? Keep(
        IReadOnlyList<(int Layer, IReadOnlyList<int[]>? Groups)> some, IReadOnlyList<bool[]> alive, int? keptPerGroup, long count)
    {
        if (update != SurvivorUpdate.Greedy)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        CurvaturePart[] judged = [.. parts.Where(p => some.Any(s => p.Layers.Contains(s.Layer)))];
        List<RemovalTrace> traces = [];
        foreach (CurvaturePart part in judged)
        {
            // Layers of a part that are not asked for lose nothing.
            Tensor living = cat([.. part.Layers.Zip(part.Lengths, (layer, length) =>
                some.Select(s => s.Layer).ToList().IndexOf(layer) is >= 0 and int place ? tensor(alive[place]) : zeros(length, ScalarType.Bool))]);
            (_, RemovalTrace trace) = GreedyObs.Run(part.Inverse, part.Weights, living.to(part.Weights.device), UnitsOf(part, some, keptPerGroup));
            traces.Add(trace);
        }

        ImmutableArray<Tensor> gone = RemovalTrace.Merge(traces, count);
        bool[][] kept = [.. alive.Select(a => (bool[])a.Clone())];
        foreach ((CurvaturePart part, Tensor mask) in judged.Zip(gone))
        {
            Split(part, mask, (layer, values) =>
            {
                int place = some.Select(s => s.Layer).ToList().IndexOf(layer);
                bool[] went = values.data<bool>().ToArray();
                for (int i = 0; place >= 0 && i < went.Length; i++)
                {
                    kept[place][i] &= !went[i];
                }
            });
        }

        return kept;
    }

    public override ImmutableArray<float[]> Updated(ImmutableArray<bool[]> pruned)
    {
        float[][] updated = new float[pruned.Length][];
        foreach (CurvaturePart part in parts)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor set = cat([.. part.Layers.Select(l => tensor(pruned[l]))]).to(part.Weights.device);
            Tensor weights = set.any().item<bool>() ? part.Weights + (ChangeOf(part, set) * updateScale) : part.Weights;
            Split(part, weights, (layer, values) => updated[layer] = TorchGraph.Download(values.to(ScalarType.Float32)));
        }

        return [.. updated];
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (CurvaturePart part in parts)
        {
            part.Dispose();
        }
    }

    private Tensor ChangeOf(CurvaturePart part, Tensor set) => update switch
    {
        // One after the other, they end where the exact update of the whole set does.
        SurvivorUpdate.Exact or SurvivorUpdate.Greedy => part.Inverse.ExactUpdate(part.Weights, set, part.MeanGradient),
        SurvivorUpdate.Summed => SummedUpdate.Of(part.Inverse, part.Weights, set, part.MeanGradient),
        SurvivorUpdate.None => zeros_like(part.Weights),
        _ => throw new PruningException($"the update {update} is not for this criterion"),
    };

    private static GreedyUnits UnitsOf(CurvaturePart part, IReadOnlyList<(int Layer, IReadOnlyList<int[]>? Groups)> some, int? keptPerGroup)
    {
        (int Layer, IReadOnlyList<int[]>? Groups)[] inside = [.. some.Where(s => part.Layers.Contains(s.Layer))];
        return inside.All(s => s.Groups is null) ? GreedyUnits.Weights
            : part.Layers.Length > 1 ? throw new PruningException("greedy updates over blocks or N:M groups need the scope layer")
            : keptPerGroup is { } kept ? GreedyUnits.KeptOfEach(TableOf(inside[0].Groups!, 0, part.Weights.device), kept)
            : GreedyUnits.Blocks(TableOf(inside[0].Groups!, 0, part.Weights.device));
    }

    /// <summary>Places of each group's weights, from the first of the part; −1 where a group is smaller.</summary>
    private static Tensor TableOf(IReadOnlyList<int[]> groups, long start, Device device)
    {
        int size = groups.Max(g => g.Length);
        long[] places = [.. groups.SelectMany(g => Enumerable.Range(0, size).Select(i => i < g.Length ? start + g[i] : -1))];
        return tensor(places, [groups.Count, size], device: device);
    }

    /// <summary>w, or w − H⁻¹g.</summary>
    private static Tensor Reduced(CurvaturePart part) =>
        part.MeanGradient is null ? part.Weights : part.Weights - part.Inverse.Multiply(part.MeanGradient);

    private static void Split(CurvaturePart part, Tensor values, Action<int, Tensor> use)
    {
        long at = 0;
        foreach ((int layer, int length) in part.Layers.Zip(part.Lengths))
        {
            using Tensor local = values.narrow(0, at, length).cpu().contiguous();
            use(layer, local);
            at += length;
        }
    }
}
