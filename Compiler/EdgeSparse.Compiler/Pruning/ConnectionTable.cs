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
        layers = graph.PrunableNodes
            .Where(n => n.WeightNames.All(w => users[w].Count() == 1) && graph.Shapes[n.Inputs[0]].Rank == (n is Linear ? 2 : 4))
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
            Weight weight = Graph.WeightOf(layer.Node.PrunableWeight!);
            if (weight.KeptCount != layer.Kept.Count(k => k))
            {
                weights[weight.Name] = weight.With(weight.Values.Span, layer.Kept);
            }

            if (layer.BiasName is { } bias)
            {
                weights[bias] = Graph.WeightOf(bias).With(layer.Bias.Select(b => (float)b).ToArray());
            }
            else if (layer.Bias.Any(b => b != 0))
            {
                string name = $"{layer.Node.Name}.bias";
                weights[name] = new Weight(name, new TensorShape(layer.Outputs), layer.Bias.Select(b => (float)b).ToArray());
                Node withBias = layer.Node switch
                {
                    Linear linear => linear with { Bias = name },
                    Conv2d conv => conv with { Bias = name },
                    _ => throw new InvalidOperationException($"'{layer.Node.Name}' has no bias"),
                };
                nodes = nodes.Replace(layer.Node, withBias);
            }
        }

        return Graph.WithNodes(nodes, weights.ToImmutable());
    }

    /// <summary>One layer's connections, by output and input channel.</summary>
    internal sealed class Layer
    {
        private readonly float[] values;
        private readonly int kernel;
        private readonly int inputsPerGroup;
        private readonly int outputsPerGroup;

        public Layer(Graph graph, Node node)
        {
            Node = node;
            Weight weight = graph.WeightOf(node.PrunableWeight!);
            values = weight.Values.ToArray();
            Kept = weight.Mask?.ToArray() ?? [.. Enumerable.Repeat(true, values.Length)];
            Outputs = weight.Shape[0];
            inputsPerGroup = weight.Shape[1];
            kernel = values.Length / Outputs / inputsPerGroup;
            int groups = node is Conv2d conv ? conv.Groups : 1;
            outputsPerGroup = Outputs / groups;
            Inputs = inputsPerGroup * groups;
            BiasName = node is Linear linear ? linear.Bias : ((Conv2d)node).Bias;
            Bias = BiasName is null ? new double[Outputs] : [.. graph.WeightOf(BiasName).Values.ToArray().Select(b => (double)b)];
        }

        public Node Node { get; }

        public int Outputs { get; }

        public int Inputs { get; }

        public string? BiasName { get; }

        public double[] Bias { get; }

        public bool[] Kept { get; }

        public bool HasInputs(int output) => KernelsOf(output).Any(at => IsKept(at));

        /// <summary>Whether an input channel reaches any of the outputs asked for.</summary>
        public bool Reaches(int input, bool[] outputs) =>
            Enumerable.Range(0, Outputs).Any(o => outputs[o] && At(o, input) is { } at && IsKept(at));

        /// <summary>Cuts an input channel off, and adds what it gave, a constant everywhere, to the biases.</summary>
        public void FoldInput(int input, double constant)
        {
            for (int output = 0; output < Outputs; output++)
            {
                if (At(output, input) is { } at)
                {
                    for (int i = at; i < at + kernel; i++)
                    {
                        Bias[output] += Kept[i] ? values[i] * constant : 0;
                        Kept[i] = false;
                    }
                }
            }
        }

        public void RemoveOutput(int output)
        {
            Array.Fill(Kept, false, output * inputsPerGroup * kernel, inputsPerGroup * kernel);
            Bias[output] = 0;
        }

        private IEnumerable<int> KernelsOf(int output) =>
            Enumerable.Range(output * inputsPerGroup, inputsPerGroup).Select(k => k * kernel);

        private bool IsKept(int at) => Kept.AsSpan(at, kernel).Contains(true);

        /// <summary>Where the kernel from an input to an output starts, or null when they are in different groups.</summary>
        private int? At(int output, int input) => output / outputsPerGroup == input / inputsPerGroup
            ? ((output * inputsPerGroup) + (input % inputsPerGroup)) * kernel
            : null;
    }
}
