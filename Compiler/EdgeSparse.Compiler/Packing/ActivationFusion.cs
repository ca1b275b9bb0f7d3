using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Finds each ReLU that its producer can apply while it writes: the producer is a convolution, a fully connected layer, a
/// sum or a per-channel scale, and nothing else reads, or gives out, the value between the two.
/// </summary>
/// <param name="FusedOutputs">For each producer that takes over a ReLU, by layer name: the value it now writes.</param>
/// <param name="Dropped">Names of the ReLU layers that are thereby gone.</param>
internal sealed record ActivationFusion(ImmutableDictionary<string, string> FusedOutputs, ImmutableHashSet<string> Dropped)
{
    public static ActivationFusion Of(Graph graph)
    {
        var fused = ImmutableDictionary.CreateBuilder<string, string>();
        var dropped = ImmutableHashSet.CreateBuilder<string>();
        ILookup<string, Node> readers = graph.Nodes
            .SelectMany(n => n.Inputs.Distinct().Select(input => (Input: input, Node: n)))
            .ToLookup(pair => pair.Input, pair => pair.Node);
        foreach (Node node in graph.Nodes.Where(n => n is Conv2d or Linear or Add or BatchNorm))
        {
            if (!graph.Outputs.Contains(node.Output) && readers[node.Output].Take(2).ToArray() is [Relu relu])
            {
                fused[node.Name] = relu.Output;
                dropped.Add(relu.Name);
            }
        }

        return new ActivationFusion(fused.ToImmutable(), dropped.ToImmutable());
    }

    /// <summary>The value that the node writes after fusion.</summary>
    public string OutputOf(Node node) => FusedOutputs.GetValueOrDefault(node.Name, node.Output);
}
