using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>What a network costs by its shape alone; weights that a mask holds at zero count too.</summary>
/// <param name="Macs">Multiplications with accumulation for one sample, of layers with weights and of products of activations.</param>
/// <param name="Parameters">Weights, biases, scales and shifts; running statistics are none.</param>
public sealed record NetworkCost(long Macs, long Parameters)
{
    public static NetworkCost Of(Graph graph) => new ChannelCounts(DependencyGraph.Of(graph)).Before;

    /// <summary>Names of the weights that count as parameters.</summary>
    internal static IEnumerable<string> ParametersOf(Graph graph) => graph.Nodes
        .SelectMany(n => n is BatchNorm norm ? [norm.Scale, norm.Shift] : n is Constant ? [] : n.WeightNames)
        .Distinct();
}
