using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// Magnitude pruning in one step with nothing trained: for speed measurements and as a starting point. The accuracy of such a
/// network says little about the method.
/// </summary>
public static class OneShotPruning
{
    /// <param name="graph">Masks that it has already only shrink.</param>
    /// <param name="targetOf">
    /// For each layer with a prunable weight, how it is pruned and the share of its weights to keep, above 0 and at most 1. N:M keeps
    /// N/M whatever the density. <see cref="Granularity.Weight"/> and 1 leave a layer as it is.
    /// </param>
    /// <returns>The graph with new masks. Dead neurons stay; see <see cref="DeadNeurons.Remove"/>.</returns>
    /// <exception cref="PruningException">
    /// A granularity makes no sense for its layer, a density is out of range or leaves nothing: the message names the layer.
    /// </exception>
    public static Graph Apply(Graph graph, Func<Node, (Granularity Granularity, double Density)> targetOf)
    {
        // By name, because two layers may share a weight: the second prunes what the first left.
        Dictionary<string, Weight> pruned = [];
        foreach (Node node in graph.PrunableNodes)
        {
            string name = node.PrunableWeight!;
            Weight weight = pruned.GetValueOrDefault(name) ?? graph.WeightOf(name);
            (Granularity granularity, double density) = targetOf(node);
            density = granularity.FixedDensity ?? density;
            if (density is not (> 0 and <= 1))
            {
                throw new PruningException(PruningTargets.DensityOutOfRange(node.Name, density));
            }

            bool[] mask = GranularPruning.ByDensity(node, weight, granularity, density);
            if (!mask.Contains(true))
            {
                throw new PruningException(PruningTargets.NothingLeft(node.Name, weight, density));
            }

            if (mask.Contains(false))
            {
                pruned[name] = weight.With(weight.Values.Span, mask);
            }
        }

        return graph.WithWeights(pruned.Values);
    }
}
