using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>Layers that are pruned and retrained together, and those that stand still meanwhile.</summary>
/// <param name="Name"><c>all</c>, <c>fc</c> or <c>conv</c>.</param>
/// <param name="Layers">Names of layers to prune.</param>
/// <param name="Frozen">Names of nodes with weights that are not retrained.</param>
internal sealed record PruningStage(string Name, ImmutableArray<string> Layers, ImmutableHashSet<string> Frozen)
{
    /// <summary>The stages of one round. A network with only one kind of layer has one stage, whatever the policy.</summary>
    public static ImmutableArray<PruningStage> Of(Graph graph, RetrainPolicy policy)
    {
        ImmutableArray<string> linear = [.. graph.Nodes.OfType<Linear>().Select(n => n.Name)];
        ImmutableArray<string> convolutional = [.. graph.Nodes.Where(n => n is Conv2d or ConvTranspose2d).Select(n => n.Name)];
        if (policy == RetrainPolicy.Together || linear.IsEmpty || convolutional.IsEmpty)
        {
            return [new PruningStage("all", [.. graph.PrunableNodes.Select(n => n.Name)], [])];
        }

        ILookup<bool, string> byKind = graph.Nodes.Where(n => n.WeightNames.Any()).ToLookup(n => IsConvolutional(graph, n), n => n.Name);
        return
        [
            new PruningStage("fc", linear, [.. byKind[true]]),
            new PruningStage("conv", convolutional, [.. byKind[false]]),
        ];
    }

    /// <summary>BatchNorm belongs to the layer before it.</summary>
    private static bool IsConvolutional(Graph graph, Node node) => node switch
    {
        Conv2d or ConvTranspose2d => true,
        Linear => false,
        _ => graph.Nodes.FirstOrDefault(n => n.Output == node.Inputs[0]) is not { } before || IsConvolutional(graph, before),
    };
}
