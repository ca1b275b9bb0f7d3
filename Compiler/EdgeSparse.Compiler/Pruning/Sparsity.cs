using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>Weights of one layer before and after pruning; biases do not count.</summary>
public sealed record LayerSparsity(string Name, int Total, int Kept)
{
    public double Density => (double)Kept / Total;
}

/// <summary>What is left of a network, of its prunable weights and of all its parameters: papers mix the two.</summary>
/// <param name="Layers">Layers with a prunable weight, in execution order.</param>
/// <param name="OtherParameters">Biases and BatchNorm's scales and shifts; running statistics are no parameters.</param>
public sealed record NetworkSparsity(ImmutableArray<LayerSparsity> Layers, long OtherParameters)
{
    public long Total => Layers.Sum(l => (long)l.Total);

    public long Kept => Layers.Sum(l => (long)l.Kept);

    /// <summary>Share of the prunable weights kept.</summary>
    public double Density => (double)Kept / Total;

    /// <summary>Share of all parameters kept.</summary>
    public double ParameterDensity => (double)(Kept + OtherParameters) / (Total + OtherParameters);

    public static NetworkSparsity Of(Graph graph)
    {
        ImmutableArray<LayerSparsity> layers =
        [
            .. graph.PrunableNodes.Select(node =>
            {
                Weight weight = graph.WeightOf(node.PrunableWeight!);
                return new LayerSparsity(node.Name, weight.ElementCount, weight.KeptCount);
            }),
        ];
        HashSet<string> others = [];
        foreach (Node node in graph.Nodes)
        {
            others.UnionWith(node is BatchNorm norm ? [norm.Scale, norm.Shift] : node.WeightNames.Where(w => w != node.PrunableWeight));
        }

        return new NetworkSparsity(layers, others.Sum(name => (long)graph.WeightOf(name).ElementCount));
    }
}
