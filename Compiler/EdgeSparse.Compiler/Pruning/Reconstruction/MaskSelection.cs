using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>Which weights stay, judged by their magnitude.</summary>
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
}
