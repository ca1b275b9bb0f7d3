using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// The connections between channels of a graph's layers, changed in place while dead neurons are looked for. A connection of a
/// convolution is the whole kernel between two channels.
/// </summary>
internal sealed class ConnectionTable
{
    private readonly Dictionary<string, Layer> layers;

    public ConnectionTable(Graph graph)
    {
        Graph = graph;

        // A weight that two layers share stays as it is: what is dead in one may be alive in the other.
        ILookup<string, Node> users = graph.Nodes.SelectMany(n => n.WeightNames.Select(w => (w, n))).ToLookup(p => p.w, p => p.n);
        layers = graph.Nodes.OfType<WeightedLayer>()
            .Where(n => n.WeightNames.All(w => users[w].Count() == 1) && graph.Shapes[n.Input].Rank == (n is Linear ? 2 : 4))
            .ToDictionary(n => n.Name, n => new Layer(graph, n));
    }

    public Graph Graph { get; }

    /// <summary>Weights kept in all layers.</summary>
    public int Count => layers.Values.Sum(l => l.Kept.Count(k => k));

    /// <summary>The connections of a layer, or null when they must stay as they are.</summary>
    public Layer? Of(Node node) => layers.GetValueOrDefault(node.Name);

    public Graph ToGraph()
    {
        var nodes = Graph.Nodes;
        var weights = Graph.Weights.ToBuilder();
        foreach (Layer layer in layers.Values)
        {
            Weight weight = Graph.WeightOf(layer.Node.Weight);
            if (weight.KeptCount != layer.Kept.Count(k => k))
            {
                weights[weight.Name] = weight.With(weight.Values.Span, layer.Kept);
            }

            if (layer.Node.Bias is { } bias)
            {
                weights[bias] = Graph.WeightOf(bias).With(layer.Bias.Select(b => (float)b).ToArray());
            }
            else if (layer.Bias.Any(b => b != 0))
            {
                string name = $"{layer.Node.Name}.bias";
                weights[name] = new Weight(name, new TensorShape(layer.Outputs), layer.Bias.Select(b => (float)b).ToArray());
                nodes = nodes.Replace(layer.Node, layer.Node with { Bias = name });
            }
        }

        return Graph.WithNodes(nodes, weights.ToImmutable());
    }

    /// <summary>One layer's connections, by output and input channel.</summary>
    internal sealed class Layer
    {
        private readonly float[] values;
        private readonly KernelGrid kernels;

        public Layer(Graph graph, WeightedLayer node)
        {
            Node = node;
            Weight weight = graph.WeightOf(node.Weight);
            values = weight.Values.ToArray();
            Kept = weight.Mask?.ToArray() ?? [.. Enumerable.Repeat(true, values.Length)];
            kernels = node.KernelsOf(weight.Shape);
            Bias = node.Bias is null ? new double[Outputs] : [.. graph.WeightOf(node.Bias).Values.ToArray().Select(b => (double)b)];
        }

        public WeightedLayer Node { get; }

        public int Outputs => kernels.Outputs;

        public double[] Bias { get; }

        public bool[] Kept { get; }

        public bool HasInputs(int output) => kernels.KernelsOf(output).Any(IsKept);

        /// <summary>Whether an input channel reaches any of the outputs asked for.</summary>
        public bool Reaches(int input, bool[] outputs) =>
            Enumerable.Range(0, Outputs).Any(o => outputs[o] && kernels.At(o, input) is { } at && IsKept(at));

        /// <summary>Cuts an input channel off, and adds what it gave, a constant everywhere, to the biases.</summary>
        public void FoldInput(int input, double constant)
        {
            for (int output = 0; output < Outputs; output++)
            {
                if (kernels.At(output, input) is { } at)
                {
                    for (int i = at; i < at + kernels.KernelElements; i++)
                    {
                        Bias[output] += Kept[i] ? values[i] * constant : 0;
                        Kept[i] = false;
                    }
                }
            }
        }

        public void RemoveOutput(int output)
        {
            foreach (int at in kernels.KernelsOf(output))
            {
                Array.Fill(Kept, false, at, kernels.KernelElements);
            }

            Bias[output] = 0;
        }

        private bool IsKept(int at) => Kept.AsSpan(at, kernels.KernelElements).Contains(true);
    }
}
