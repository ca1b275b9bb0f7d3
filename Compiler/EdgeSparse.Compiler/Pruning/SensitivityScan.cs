using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>The error with one layer pruned and nothing retrained.</summary>
/// <param name="Layer">The only layer pruned.</param>
/// <param name="Asked">The density asked for; N/M where the granularity is N:M.</param>
/// <param name="Density">Share of its weights kept.</param>
/// <param name="Quality">
/// The quality parameter that prunes as much: the largest magnitude (of a block: the root of its mean square) pruned, over the
/// deviation of the layer's weights. Null for N:M, which no threshold gives.
/// </param>
/// <param name="Error">Fraction of the samples wrong.</param>
public sealed record SensitivityPoint(string Layer, double Asked, double Density, double? Quality, double Error);

/// <summary>
/// How sensitive each layer is to pruning (Han et al. 2015, section 4.1 and figure 6): from it follow quality parameters and
/// densities, the smallest threshold going to the most sensitive layer.
/// </summary>
public static class SensitivityScan
{
    public static IReadOnlyList<double> DefaultDensities { get; } = [0.8, 0.6, 0.4, 0.3, 0.2, 0.15, 0.1, 0.05, 0.02];

    /// <param name="graph">The trained network.</param>
    /// <param name="densities">Each above 0 and at most 1.</param>
    /// <param name="split">What the error is measured on.</param>
    /// <param name="scaling">How pixels become input.</param>
    /// <param name="progress">Told each point.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="granularityOf">What is pruned as a whole in a layer; single weights when left out.</param>
    /// <param name="cancellation">Stops between points.</param>
    /// <returns>Layer by layer, densities in the order given. A density that leaves no weight at all is left out; N:M has one point only.</returns>
    public static ImmutableArray<SensitivityPoint> Run(
        Graph graph,
        IReadOnlyList<double> densities,
        DataSplit split,
        InputScaling scaling,
        IProgressSink progress,
        string device = "cpu",
        Func<Node, Granularity>? granularityOf = null,
        CancellationToken cancellation = default)
    {
        foreach (double wrong in densities.Where(d => d is not (> 0 and <= 1)))
        {
            throw new PruningException(string.Create(CultureInfo.InvariantCulture, $"a density is above 0 and at most 1, not {wrong}"));
        }

        (Node Node, Granularity Granularity, IReadOnlyList<double> Densities)[] layers =
        [
            .. graph.PrunableNodes.Select(n => (n, granularityOf?.Invoke(n) ?? Granularity.Weight))
                .Select(l => (l.n, l.Item2, l.Item2.FixedDensity is { } share ? [share] : densities)),
        ];
        var points = ImmutableArray.CreateBuilder<SensitivityPoint>();
        using IProgressTask task = progress.Begin("sensitivity scan", layers.Sum(l => (long)l.Densities.Count), "points");
        foreach ((Node node, Granularity granularity, IReadOnlyList<double> asked) in layers)
        {
            Weight weight = graph.WeightOf(node.PrunableWeight!);
            foreach (double density in asked)
            {
                cancellation.ThrowIfCancellationRequested();
                bool[] mask = GranularPruning.ByDensity(node, weight, granularity, density);
                if (mask.Contains(true))
                {
                    Weight pruned = weight.With(weight.Values.Span, mask);
                    double error = Evaluator.Evaluate(graph.WithWeights([pruned]), split, scaling, device, graph).Error;
                    points.Add(new SensitivityPoint(node.Name, density, pruned.Density, QualityOf(node, weight, granularity, mask), error));
                    task.Describe(string.Create(CultureInfo.InvariantCulture, $"{node.Name} at {pruned.Density:0.0%}: error {error:0.00%}"));
                }

                task.Advance();
            }
        }

        return points.DrainToImmutable();
    }

    private static double? QualityOf(Node node, Weight weight, Granularity granularity, bool[] mask)
    {
        if (granularity.KeptPerGroup is not null)
        {
            return null;
        }

        double deviation = MagnitudePruning.PopulationDeviation(weight);
        return deviation > 0 ? GranularPruning.HighestScorePruned(node, weight, granularity, mask) / deviation : 0;
    }
}
