using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// Prunes a network once, layer by layer, with neither data nor retraining: for benchmarks, whose times depend on how sparse a
/// network is and not on what it has learnt.
/// </summary>
public static class OneShotMagnitude
{
    /// <summary>
    /// Keeps in each layer the weights of largest magnitude, exactly the density's share of them rounded to a whole number; of
    /// equal ones the first in row-major order. What is pruned already stays pruned and counts among the pruned.
    /// </summary>
    /// <param name="graph">Any network.</param>
    /// <param name="density">
    /// The share of a layer's weights to keep, above 0 and at most 1, for each layer with a prunable weight; at 1 the layer stays
    /// as it is.
    /// </param>
    /// <returns>The network with masks.</returns>
    /// <exception cref="PruningException">
    /// A density is out of range or leaves a layer nothing, or layers that share a weight have different ones.
    /// </exception>
    public static Graph Prune(Graph graph, Func<Node, double> density)
    {
        var pruned = ImmutableDictionary.CreateBuilder<string, (Weight Weight, Node Layer, double Density)>();
        foreach (Node node in graph.PrunableNodes)
        {
            double share = density(node);
            if (share is not (> 0 and <= 1))
            {
                throw Wrong(node, $"is to keep {share:0.######} of its weights; a density is above 0 and at most 1");
            }

            Weight weight = graph.WeightOf(node.PrunableWeight!);
            if (!pruned.TryGetValue(weight.Name, out (Weight Weight, Node Layer, double Density) before))
            {
                pruned[weight.Name] = (Pruned(node, weight, share), node, share);
            }
            else if (before.Density != share)
            {
                throw Wrong(node, $"shares '{weight.Name}' with '{before.Layer.Name}', but they are to keep {share:0.######} and {before.Density:0.######} of it");
            }
        }

        return graph.WithWeights(pruned.Values.Select(p => p.Weight));
    }

    private static Weight Pruned(Node node, Weight weight, double density)
    {
        if (density == 1)
        {
            return weight;
        }

        int count = MagnitudePruning.CountAt(weight.ElementCount, density);
        return count > 0
            ? weight.With(weight.Values.Span, MagnitudePruning.ByCount(weight, count))
            : throw Wrong(node, $"would lose all its {weight.ElementCount} weights at the density {density:0.######}");
    }

    private static PruningException Wrong(Node node, FormattableString what) =>
        new($"layer '{node.Name}' {what.ToString(CultureInfo.InvariantCulture)}");
}
