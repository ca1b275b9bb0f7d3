using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// A pruned layer has less capacity, so it needs less dropout: p = p0·√(kept/all) for the connections of the layer that feeds the
/// dropout (Han et al. 2015, section 3.2, equation 2).
/// </summary>
public static class DropoutAdjustment
{
    /// <param name="pruned">Its masks say what is kept.</param>
    /// <param name="original">The same nodes with the original probabilities p0.</param>
    public static Graph Apply(Graph pruned, Graph original) => pruned.WithNodes(
    [
        .. pruned.Nodes.Select(node => node is Dropout dropout && original.NodeOf(node.Name) is Dropout before
            ? dropout with { Probability = (float)Adjusted(before.Probability, pruned, dropout) }
            : node),
    ]);

    /// <summary>p0·√(kept/all).</summary>
    public static double Adjusted(double probability, long kept, long all) => probability * Math.Sqrt((double)kept / all);

    private static double Adjusted(double probability, Graph graph, Dropout dropout)
    {
        HashSet<Weight> feeding = [];
        CollectFeeding(graph, dropout.Input, feeding);
        return feeding.Count == 0
            ? probability
            : Adjusted(probability, feeding.Sum(w => (long)w.KeptCount), feeding.Sum(w => (long)w.ElementCount));
    }

    /// <summary>The nearest layers with connections before a value; a residual sum has several.</summary>
    private static void CollectFeeding(Graph graph, string value, HashSet<Weight> feeding)
    {
        if (graph.Nodes.FirstOrDefault(n => n.Output == value) is not { } producer)
        {
            return;
        }

        if (producer.PrunableWeight is { } weight)
        {
            feeding.Add(graph.WeightOf(weight));
            return;
        }

        foreach (string input in producer.Inputs)
        {
            CollectFeeding(graph, input, feeding);
        }
    }
}
