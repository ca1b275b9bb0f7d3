using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>Which weights stay, judged by their magnitude or as they were chosen before.</summary>
internal static class MaskSelection
{
    /// <exception cref="PruningException">A target cannot be met: the message names the layer.</exception>
    public static Graph Apply(Graph graph, ReconstructionOptions options)
    {
        ImmutableDictionary<string, PruningTarget> targets = PruningTargets.Of(graph, options.Targets);
        ImmutableDictionary<string, double> densities = options.Allocation == PruningAllocation.Network
            ? LayerAdaptiveDensities.Of(graph, [.. graph.PrunableNodes.Where(n => targets.ContainsKey(n.Name) && !options.Layers.ContainsKey(n.Name))], options.Density ?? (1 - options.Sparsity) ?? 1)
            : [];
        Dictionary<string, Weight> pruned = [];
        foreach (Node node in graph.PrunableNodes.Where(n => targets.ContainsKey(n.Name)))
        {
            PruningTarget target = targets[node.Name];
            Weight weight = pruned.GetValueOrDefault(node.PrunableWeight!) ?? graph.WeightOf(node.PrunableWeight!);
            double density = densities.GetValueOrDefault(node.Name, target.Density ?? 1);
            bool[] mask = target.Quality is { } quality
                ? GranularPruning.ByQuality(node, weight, target.Granularity, quality)
                : GranularPruning.ByDensity(node, weight, target.Granularity, density);
            if (!mask.Contains(true))
            {
                throw new PruningException(PruningTargets.NothingLeft(node.Name, weight, density));
            }

            if (mask.Contains(false))
            {
                pruned[weight.Name] = weight.With(weight.Values.Span, mask);
            }
        }

        return graph.WithWeights(pruned.Values);
    }

    /// <summary>The weights of one network under the masks of another.</summary>
    /// <param name="dense">With all weights.</param>
    /// <param name="pruned">The same network after pruning weights.</param>
    /// <exception cref="PruningException">It is not the same, or nothing is pruned.</exception>
    public static Graph Present(Graph dense, Graph pruned)
    {
        Weight[] masked =
        [
            .. dense.PrunableNodes.Select(node => (Node: node, Weight: dense.WeightOf(node.PrunableWeight!)))
                .DistinctBy(p => p.Weight.Name)
                .Select(p => pruned.Weights.TryGetValue(p.Weight.Name, out Weight? left) && left.Shape == p.Weight.Shape
                    ? p.Weight.With(p.Weight.Values.Span, MagnitudePruning.Survivors(left))
                    : throw new PruningException($"layer '{p.Node.Name}' has other channels than before the pruning: what is left of its weights cannot be solved for what it gave then")),
        ];
        return masked.Any(w => w.KeptCount < w.ElementCount)
            ? dense.WithWeights(masked)
            : throw new PruningException($"no weight of '{pruned.Name}' is pruned: keepMasks needs a pruning before it");
    }
}
