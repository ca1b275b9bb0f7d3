using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>
/// How many weights each layer keeps when one threshold is laid over all: a weight's score is its square over the sum of the squares
/// of all weights of its layer that are not smaller (Lee et al. 2021, "Layer-adaptive Sparsity for the Magnitude-based Pruning",
/// equation 3). The largest weight of every layer has the score 1, so that no layer loses all.
/// </summary>
internal static class LayerAdaptiveDensities
{
    /// <param name="graph">The network.</param>
    /// <param name="nodes">Layers that share the budget.</param>
    /// <param name="density">Share of all their weights that stays.</param>
    public static ImmutableDictionary<string, double> Of(Graph graph, IReadOnlyList<Node> nodes, double density)
    {
        List<(double Score, int Layer)> all = [];
        for (int layer = 0; layer < nodes.Count; layer++)
        {
            float[] values = graph.WeightOf(nodes[layer].PrunableWeight!).Values.ToArray();
            double[] squares = [.. values.Select(v => (double)v * v)];
            Array.Sort(squares);
            double sum = 0;
            for (int i = squares.Length - 1; i >= 0; i--)
            {
                sum += squares[i];
                all.Add((sum > 0 ? squares[i] / sum : 0, layer));
            }
        }

        int[] kept = new int[nodes.Count];
        foreach ((_, int layer) in all.OrderByDescending(s => s.Score).Take(MagnitudePruning.CountAt(all.Count, density)))
        {
            kept[layer]++;
        }

        return nodes.Select((n, i) => KeyValuePair.Create(n.Name, (double)kept[i] / graph.WeightOf(n.PrunableWeight!).ElementCount)).ToImmutableDictionary();
    }
}
