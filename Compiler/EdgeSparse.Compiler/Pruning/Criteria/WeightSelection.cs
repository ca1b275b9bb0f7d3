using System.Collections.Immutable;
using EdgeSparse.Compiler.Pruning.Curvature;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>Which weights stay when the lowest statistics go. What was pruned before stays pruned.</summary>
internal static class WeightSelection
{
    /// <param name="layers">The layers pruned.</param>
    /// <param name="alive">Of each layer, what was not pruned before.</param>
    /// <param name="judgement">What weights are worth.</param>
    /// <param name="options">Target, scope, rule, power.</param>
    /// <param name="level">From a target to the sparsity of this step.</param>
    /// <returns>Of each layer, what stays.</returns>
    /// <exception cref="PruningException">A layer would lose all its weights.</exception>
    public static ImmutableArray<bool[]> Select(
        ImmutableArray<PrunedLayer> layers, ImmutableArray<bool[]> alive, Judgement judgement, CriterionOptions options, Func<double, double> level)
    {
        bool[][] kept = [.. alive.Select(a => (bool[])a.Clone())];
        int[] joint = [.. Enumerable.Range(0, layers.Length).Where(i => layers[i].Sparsity is null)];
        if (joint.Length > 0)
        {
            Keep(joint, level(options.Sparsity!.Value));
        }

        foreach (int own in Enumerable.Range(0, layers.Length).Except(joint))
        {
            if (layers[own].Granularity.KeptPerGroup is { } count)
            {
                KeepOfGroups(own, count, 1 - level(layers[own].Sparsity!.Value));
            }
            else
            {
                Keep([own], level(layers[own].Sparsity!.Value));
            }
        }

        for (int i = 0; i < layers.Length; i++)
        {
            if (!kept[i].Contains(true))
            {
                throw new PruningException(
                    $"layer '{layers[i].Node.Name}' would lose all its {layers[i].Count} weights; lower the sparsity, give the layer one of its own, or exclude it");
            }
        }

        return [.. kept];

        void Keep(int[] some, double sparsity)
        {
            bool[][] living = [.. some.Select(l => alive[l])];
            long gone = living.Sum(a => (long)a.Count(x => x)) - SaliencySelection.KeptAt(some.Sum(l => (long)layers[l].Count), sparsity);
            if (judgement.Keep([.. some.Select(l => (l, BlocksOf(layers[l])))], living, null, Math.Max(0, gone)) is { } judged)
            {
                Take(some, judged);
                return;
            }

            double[] factors = [.. some.Select(l => 1 / Math.Pow(layers[l].Multiplications, options.FlopPower))];
            if (some.All(l => layers[l].Granularity.IsSingleWeights))
            {
                double[][] statistics = [.. some.Select((l, i) => Scaled(judgement.Statistics(l), factors[i]))];
                Take(some, Largest(statistics, living, options.Rule, sparsity));
            }
            else
            {
                KeepUnits(some, factors, sparsity);
            }
        }

        void Take(int[] some, IEnumerable<bool[]> masks)
        {
            foreach ((int layer, bool[] mask) in some.Zip(masks))
            {
                kept[layer] = mask;
            }
        }

        void KeepUnits(int[] some, double[] factors, double sparsity)
        {
            List<(double Negated, int Layer, int Unit, int Weights)> ranked = [];
            int[][][] units = [.. some.Select(l => UnitsOf(layers[l], alive[l]))];
            for (int i = 0; i < some.Length; i++)
            {
                double[] values = layers[some[i]].Granularity.IsSingleWeights
                    ? [.. units[i].Select(u => judgement.Statistics(some[i])[u[0]])]
                    : judgement.GroupStatistics(some[i], units[i]);
                for (int u = 0; u < values.Length; u++)
                {
                    ranked.Add((-values[u] * factors[i], i, u, units[i][u].Count(place => alive[some[i]][place])));
                }

                kept[some[i]] = new bool[alive[some[i]].Length];
            }

            ranked.Sort();
            double target = some.Sum(l => (double)layers[l].Count) * (1 - sparsity);
            double count = 0;
            foreach ((_, int i, int unit, int weights) in ranked)
            {
                if (count + weights - target > target - count)
                {
                    break;
                }

                count += weights;
                foreach (int place in units[i][unit])
                {
                    kept[some[i]][place] = alive[some[i]][place];
                }
            }
        }

        void KeepOfGroups(int layer, int count, double density)
        {
            int size = layers[layer].Granularity.Columns;
            int stay = Math.Clamp(MagnitudePruning.CountAt(size, density), count, size);
            if (judgement.Keep([(layer, [.. Groups(layers[layer])])], [alive[layer]], stay, long.MaxValue) is { } judged)
            {
                Take([layer], judged);
                return;
            }

            double[] statistics = judgement.Statistics(layer);
            foreach (int[] group in Groups(layers[layer]))
            {
                int most = ((stay * group.Length) + size - 1) / size;
                foreach (int place in group.Where(p => alive[layer][p]).OrderByDescending(p => statistics[p]).ThenBy(p => p).Skip(most))
                {
                    kept[layer][place] = false;
                }
            }
        }
    }

    private static IEnumerable<bool[]> Largest(double[][] statistics, bool[][] alive, SelectionRule rule, double sparsity)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] living = [.. alive.Select(a => tensor(a))];
        Tensor[] values = [.. statistics.Select(s => tensor(s))];
        long total = statistics.Sum(s => (long)s.Length);
        ImmutableArray<Tensor> masks = rule == SelectionRule.Threshold
            // What was pruned counts as 0 there.
            ? SaliencySelection.ByThresholdRule([.. values.Zip(living, (s, a) => s * a.to(ScalarType.Float64))], sparsity)
            : SaliencySelection.Joint(values, SaliencySelection.KeptAt(total, sparsity), living);
        return [.. masks.Select(m => m.data<bool>().ToArray())];
    }

    private static double[] Scaled(double[] statistics, double factor) => factor == 1 ? statistics : [.. statistics.Select(s => s * factor)];

    /// <summary>Blocks with a weight that is alive, or such weights themselves.</summary>
    private static int[][] UnitsOf(PrunedLayer layer, bool[] alive) => layer.Granularity.IsSingleWeights
        ? [.. Enumerable.Range(0, layer.Count).Where(i => alive[i]).Select(i => new[] { i })]
        : [.. Groups(layer).Where(g => g.Any(p => alive[p]))];

    private static IReadOnlyList<int[]>? BlocksOf(PrunedLayer layer) => layer.Granularity.IsSingleWeights ? null : [.. Groups(layer)];

    private static IEnumerable<int[]> Groups(PrunedLayer layer)
    {
        BlockGrid grid = new(layer.Node, layer.Shape, layer.Granularity);
        int[] places = new int[grid.BlockSize];
        for (int block = 0; block < grid.Count; block++)
        {
            yield return grid.PlacesOf(block, places).ToArray();
        }
    }
}
