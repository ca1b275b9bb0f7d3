namespace EdgeSparse.Compiler.Graphs;

/// <summary>What must hold for every graph, checked once when it is built.</summary>
internal static class GraphRules
{
    public static void Check(Graph graph)
    {
        HashSet<string> written = [];
        foreach (GraphValue input in graph.Inputs)
        {
            if (!written.Add(input.Name))
            {
                throw new GraphException($"graph '{graph.Name}' has two inputs named '{input.Name}'");
            }
        }

        HashSet<string> nodeNames = [];
        foreach (Node node in graph.Nodes)
        {
            if (!nodeNames.Add(node.Name))
            {
                throw new GraphException($"graph '{graph.Name}' has two layers named '{node.Name}'");
            }

            foreach (string input in node.Inputs)
            {
                if (!written.Contains(input))
                {
                    throw new GraphException($"layer '{node.Name}' ({node.Operator}) reads '{input}', which nothing before it writes");
                }
            }

            foreach (string weight in node.WeightNames)
            {
                if (!graph.Weights.ContainsKey(weight))
                {
                    throw new GraphException($"layer '{node.Name}' ({node.Operator}) needs the weight '{weight}', which is missing");
                }
            }

            if (!written.Add(node.Output))
            {
                throw new GraphException($"layer '{node.Name}' ({node.Operator}) writes '{node.Output}', which is written already");
            }
        }

        // ONNX has one namespace for both; a graph that could not be exported must fail here, not after hours of training.
        if (graph.Weights.Keys.FirstOrDefault(written.Contains) is string shared)
        {
            throw new GraphException($"graph '{graph.Name}' has a weight and an activation of the same name, '{shared}'");
        }

        if (graph.Outputs.IsEmpty)
        {
            throw new GraphException($"graph '{graph.Name}' has no output");
        }

        foreach (string output in graph.Outputs)
        {
            if (!written.Contains(output))
            {
                throw new GraphException($"output '{output}' of graph '{graph.Name}' is written by nothing");
            }
        }
    }
}
