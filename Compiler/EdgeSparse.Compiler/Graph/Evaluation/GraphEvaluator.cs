namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// Runs a graph in double precision by the definitions of its operators, no tricks: what everything else is checked against, and
/// what folds constants. All values are row-major.
/// </summary>
public static class GraphEvaluator
{
    /// <summary>The first output for one input.</summary>
    /// <exception cref="GraphException">The graph has more inputs, or the values do not fill its shape.</exception>
    public static double[] Run(Graph graph, ReadOnlySpan<float> input)
    {
        double[] values = new double[input.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = input[i];
        }

        return Run(graph, new Dictionary<string, double[]> { [graph.Inputs[0].Name] = values })[0];
    }

    /// <summary>All outputs, in the graph's order.</summary>
    /// <param name="graph">An open batch is as large as the inputs make it.</param>
    /// <param name="inputs">Values by the inputs' names; one that nothing reads may be left out.</param>
    /// <exception cref="GraphException">An input is missing, or its values do not fill its shape.</exception>
    public static IReadOnlyList<double[]> Run(Graph graph, IReadOnlyDictionary<string, double[]> inputs)
    {
        HashSet<string> read = [.. graph.Nodes.SelectMany(n => n.Inputs), .. graph.Outputs];
        GraphValue[] needed = [.. graph.Inputs.Where(i => read.Contains(i.Name))];
        int batch = Batch(needed, inputs);
        TensorShape Concrete(string name) => graph.Shapes[name] is { IsBatchSymbolic: true } open ? open.WithBatch(batch) : graph.Shapes[name];

        Dictionary<string, Operand> activations = [];
        foreach (GraphValue input in needed)
        {
            activations[input.Name] = new Operand(Concrete(input.Name), ValuesOf(input, inputs, Concrete(input.Name)));
        }

        foreach (Node node in graph.Nodes)
        {
            TensorShape result = Concrete(node.Output);
            Operand[] operands = [.. node.Inputs.Select(i => activations[i])];
            activations[node.Output] = new Operand(result, NodeEvaluation.Run(node, operands, result, graph.WeightOf));
        }

        return [.. graph.Outputs.Select(o => activations[o].Values)];
    }

    private static int Batch(GraphValue[] needed, IReadOnlyDictionary<string, double[]> inputs)
    {
        GraphValue? open = needed.FirstOrDefault(i => i.Shape.IsBatchSymbolic && inputs.ContainsKey(i.Name));
        return open is null ? 1 : Math.Max(1, inputs[open.Name].Length / open.Shape.ElementCount);
    }

    private static double[] ValuesOf(GraphValue input, IReadOnlyDictionary<string, double[]> inputs, TensorShape shape)
    {
        if (!inputs.TryGetValue(input.Name, out double[]? values))
        {
            throw new GraphException($"the input '{input.Name}' has no values");
        }

        return values.Length == shape.ElementCount
            ? values
            : throw new GraphException($"the input '{input.Name}' has {values.Length} values for the shape {shape}");
    }
}

/// <summary>Values of a fixed shape, row-major.</summary>
internal readonly record struct Operand(TensorShape Shape, double[] Values);
