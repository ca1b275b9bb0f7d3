namespace EdgeSparse.Compiler.Graphs;

/// <summary>Drops layers that reach no output of the graph, and weights that no layer reads. Inputs stay, read or not.</summary>
public static class DeadLayerRemoval
{
    public static Graph Apply(Graph g)
    {
        HashSet<string> needed = [.. g.Outputs];
        List<Node> kept = [];
        foreach (Node node in g.Nodes.Reverse())
        {
            if (needed.Contains(node.Output))
            {
                kept.Add(node);
                needed.UnionWith(node.Inputs);
            }
        }

        kept.Reverse();
        var weights = UsedWeights.Of(kept, g.Weights);
        return kept.Count == g.Nodes.Length && weights.Count == g.Weights.Count ? g : g.WithNodes([.. kept], weights);
    }
}
