using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// The graph while it is built: what each name of the file stands for (an activation or a constant), the nodes made so far,
/// and their weights.
/// </summary>
internal sealed class GraphImport
{
    // Layers may share a constant and each need it in another form. A file that asks for more of these than any network does
    // would make gigabytes of weights from a few kilobytes.
    private const long WeightsPerByte = 4;
    private const long WeightsOfAnyFile = 1 << 20;

    private readonly GraphStructure structure;
    private readonly ExternalData external;
    private readonly List<GraphValue> inputs = [];
    private readonly List<Node> nodes = [];
    private readonly HashSet<string> nodeNames = [];
    private readonly Dictionary<string, int> writers = [];
    private readonly Dictionary<string, string> activations = [];
    private readonly Dictionary<string, ConstantTensor> constants = [];
    private readonly Dictionary<string, TensorShape> shapes = [];
    private readonly Dictionary<string, Weight> weights = [];
    private readonly long fileBytes;
    private long weightElements;

    public GraphImport(GraphStructure structure, ExternalData external, int opset, long fileBytes)
    {
        this.fileBytes = fileBytes;
        this.structure = structure;
        this.external = external;
        Opset = opset;
        foreach (TensorProto tensor in structure.Initializers.Values)
        {
            constants.Add(tensor.Name, ConstantTensor.From(tensor, external));
        }
    }

    public int Opset { get; }

    public void DeclareInputs(GraphProto graph, OnnxImportOptions options)
    {
        foreach (GraphValue input in InputShapes.Of(graph, structure, options))
        {
            inputs.Add(input);
            shapes.Add(input.Name, input.Shape);
            activations.Add(input.Name, input.Name);
        }
    }

    /// <summary>How many nodes read a value of the file; being an output of the graph counts as one.</summary>
    public int ReadsOf(string value) => structure.ReadsOf(value);

    /// <summary>The activation that an input of a node stands for.</summary>
    /// <exception cref="OnnxFormatException">It is left out, or a constant.</exception>
    public string Activation(OnnxNode node, int input) =>
        activations.TryGetValue(node.Input(input), out string? value) ? value
        : node.HasInput(input) ? throw node.Fail($"has the constant '{node.Input(input)}' as input {input}, where an activation is supported")
        : throw node.Fail($"lacks its input {input}");

    public TensorShape ShapeOf(string activation) => shapes[activation];

    public ConstantTensor? ConstantOrNull(OnnxNode node, int input) => constants.GetValueOrDefault(node.Input(input));

    /// <summary>The constant that an input of a node stands for.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">Its input.</param>
    /// <param name="what">What the operator calls this input, for the message.</param>
    /// <exception cref="OnnxFormatException">It is left out, or an activation.</exception>
    public ConstantTensor Constant(OnnxNode node, int input, string what) =>
        ConstantOrNull(node, input)
        ?? throw (node.HasInput(input)
            ? node.Fail($"has the activation '{node.Input(input)}' as its {what}, where only a constant is supported")
            : node.Fail($"lacks its {what} (input {input})"));

    public ConstantTensor ConstantOf(TensorProto tensor) => ConstantTensor.From(tensor, external);

    /// <summary>The node that wrote an activation last, or null for an input of the graph.</summary>
    public Node? WriterOf(string activation) => writers.TryGetValue(activation, out int index) ? nodes[index] : null;

    public Weight WeightOf(string name) => weights[name];

    /// <summary>Makes a weight, under the file's name for it unless other values have that name already.</summary>
    /// <returns>The name that it has in the graph.</returns>
    public string AddWeight(OnnxNode node, string name, TensorShape shape, ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw node.Fail($"has {values[i]} as element {i} of '{name}'; weights must be finite");
            }
        }

        string free = name;
        for (int i = 2; weights.TryGetValue(free, out Weight? other) || IsTakenByFile(free, name); i++)
        {
            if (other is not null && other.Shape == shape && other.Values.Span.SequenceEqual(values))
            {
                return free;
            }

            free = $"{name}_{i}";
        }

        weightElements += values.Length;
        if (weightElements > WeightsOfAnyFile + (WeightsPerByte * (fileBytes + external.BytesRead)))
        {
            throw node.Fail($"brings the weights to {weightElements}, more than a file of {fileBytes + external.BytesRead} bytes accounts for");
        }

        weights.Add(free, new Weight(free, shape, values));
        return free;
    }

    private bool IsTakenByFile(string free, string name) =>
        free != name && (structure.IsWritten(free) || structure.Initializers.ContainsKey(free));

    /// <summary>Appends a node; its output stands for the first output of the file's node from now on.</summary>
    public void Emit(OnnxNode source, Func<string, Node> make)
    {
        string name = source.Name;
        for (int i = 2; !nodeNames.Add(name); i++)
        {
            name = $"{source.Name}_{i}";
        }

        Node node = make(name);
        shapes[node.Output] = ShapeInference.Infer(node, shapes, weights);
        writers[node.Output] = nodes.Count;
        nodes.Add(node);
        activations[source.Output] = node.Output;
    }

    /// <summary>Puts another node in the place of the writer of an activation, as when a bias is merged into it.</summary>
    public void Replace(OnnxNode source, string activation, Node replacement)
    {
        int index = writers[activation];
        nodes[index] = replacement;
        writers.Remove(activation);
        writers[replacement.Output] = index;
        shapes[replacement.Output] = ShapeInference.Infer(replacement, shapes, weights);
        activations[source.Output] = replacement.Output;
    }

    /// <summary>The node's output is an activation that exists already.</summary>
    public void Alias(OnnxNode source, string activation) => activations[source.Output] = activation;

    /// <summary>The node's output is a constant.</summary>
    public void Define(OnnxNode source, ConstantTensor constant) => constants[source.Output] = constant;

    /// <exception cref="OnnxFormatException">An output is a constant or a copy of another, or metadata repeat a key.</exception>
    public Graph Finish(string name, ModelProto model)
    {
        var outputs = ImmutableArray.CreateBuilder<string>();
        foreach (string output in model.Graph.Output.Select(o => o.Name))
        {
            outputs.Add(OutputNamed(output, outputs));
        }

        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in model.MetadataProps)
        {
            if (!metadata.TryAdd(entry.Key, entry.Value))
            {
                throw new OnnxFormatException($"has the metadata '{entry.Key}' twice");
            }
        }

        // A merged bias or a rewritten node may have left weights that nothing reads.
        HashSet<string> used = [.. nodes.SelectMany(n => n.WeightNames)];
        return new Graph(
            name, [.. inputs], outputs.DrainToImmutable(), [.. nodes],
            weights.Where(w => used.Contains(w.Key)).ToImmutableDictionary(), metadata.ToImmutable());
    }

    /// <summary>Finds the activation of an output; where no-ops were dropped before it, gives its writer the output's name.</summary>
    private string OutputNamed(string output, IEnumerable<string> earlier)
    {
        if (!activations.TryGetValue(output, out string? activation))
        {
            throw new OnnxFormatException(constants.ContainsKey(output)
                ? $"output '{output}' is a constant, which is not supported"
                : $"output '{output}' is written by no node");
        }

        if (activation == output)
        {
            return output;
        }

        if (!writers.TryGetValue(activation, out int writer) || earlier.Contains(activation))
        {
            throw new OnnxFormatException($"output '{output}' is only a copy of '{activation}', which is not supported");
        }

        nodes[writer] = nodes[writer].WithOutput(output);
        for (int i = writer + 1; i < nodes.Count; i++)
        {
            nodes[i] = nodes[i].WithInput(activation, output);
        }

        foreach (string key in activations.Where(a => a.Value == activation).Select(a => a.Key).ToArray())
        {
            activations[key] = output;
        }

        writers.Remove(activation);
        writers[output] = writer;
        return output;
    }
}
