using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// Removes the connections of neurons (output channels) that have no inputs or whose output nothing uses, to a fixpoint (Han et
/// al. 2015, section 3.5). The network computes the same: what a neuron without inputs gives is a constant, which moves into
/// the biases behind it.
/// </summary>
public static class DeadNeurons
{
    /// <param name="graph">A layer's mask says which connections it has; a layer without mask has all.</param>
    /// <returns>The graph with smaller masks, folded biases, and zero biases where a neuron is gone.</returns>
    public static Graph Remove(Graph graph)
    {
        ConnectionTable connections = new(graph);
        int before;
        do
        {
            before = connections.Count;
            ConstantFolding.Apply(connections);
            UnusedRemoval.Apply(connections);
        }
        while (connections.Count < before);

        return connections.ToGraph();
    }
}
