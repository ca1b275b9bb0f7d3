using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>A layer that a criterion prunes, everything resolved.</summary>
/// <param name="Node">The first layer that uses the weight; a weight that several share is pruned once.</param>
/// <param name="Weight">The weight's name.</param>
/// <param name="Shape">The weight's.</param>
/// <param name="Granularity">One that fits the layer.</param>
/// <param name="Sparsity">Of this layer alone; null: together with all others that have none.</param>
/// <param name="Multiplications">Multiplications of one inference in which the weight takes part.</param>
internal sealed record PrunedLayer(WeightedLayer Node, string Weight, TensorShape Shape, Granularity Granularity, double? Sparsity, long Multiplications)
{
    /// <summary>Weights of the layer.</summary>
    public int Count => Shape.ElementCount;

    /// <exception cref="PruningException">A layer is unknown or cannot be pruned so, or none is left.</exception>
    public static ImmutableArray<PrunedLayer> Of(Graph graph, CriterionOptions options)
    {
        foreach (string name in options.Exclude.Concat(options.Layers.Keys))
        {
            if (graph.NodeOf(name).PrunableWeight is null)
            {
                throw new PruningException($"layer '{name}' has no weights to prune");
            }
        }

        if (options.FirstFault() is { } fault)
        {
            throw new PruningException(fault.Message);
        }

        var layers = ImmutableArray.CreateBuilder<PrunedLayer>();
        foreach (WeightedLayer node in graph.PrunableNodes.OfType<WeightedLayer>().DistinctBy(n => n.Weight))
        {
            LayerGoal? own = options.Layers.GetValueOrDefault(node.Name);
            bool fixedByStage = options.Granularity.KeptPerGroup is not null;
            if (options.Exclude.Contains(node.Name) || (own is null && options.Sparsity is null && !fixedByStage))
            {
                continue;
            }

            Weight weight = graph.WeightOf(node.Weight);
            Granularity granularity = own?.Granularity ?? (options.Granularity.MisfitOf(node, weight.Shape) is null ? options.Granularity : Granularity.Weight);
            if (own?.Granularity?.RefusalOf(node, weight.Shape) is { } refusal)
            {
                throw new PruningException(refusal);
            }

            // A layer that N:M does not fit stays dense, as the first convolution of three channels does.
            if (granularity.IsSingleWeights && fixedByStage && own?.Sparsity is null)
            {
                continue;
            }

            double? sparsity = own?.Sparsity ?? (options.Selection == SelectionScope.Independent ? options.Sparsity : null);
            layers.Add(new PrunedLayer(
                node, node.Weight, weight.Shape, granularity, granularity.FixedDensity is { } density ? 1 - density : sparsity,
                graph.Nodes.OfType<WeightedLayer>().Where(n => n.Weight == node.Weight).Sum(n => MultiplicationsOf(graph, n))));
        }

        return layers.Count == 0 ? throw new PruningException($"no layer of '{graph.Name}' is left to prune") : layers.ToImmutable();
    }

    /// <summary>Weights × the positions that they are applied at, for one sample.</summary>
    private static long MultiplicationsOf(Graph graph, WeightedLayer node)
    {
        TensorShape positions = graph.Shapes[node is ConvTranspose2d ? node.Input : node.Output].WithBatch(1);
        long count = node is Linear
            ? positions.ElementCount / positions[positions.Rank - 1]
            : (long)positions[2] * positions[3];
        return count * graph.WeightOf(node.Weight).ElementCount;
    }
}
