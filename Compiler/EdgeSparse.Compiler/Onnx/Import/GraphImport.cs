using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// The graph while it is built: what each name of the file stands for (an activation or a constant), the nodes made so far,
/// and their weights. Nodes of constants alone are computed at once and leave no trace.
/// </summary>
internal sealed class GraphImport
{
    private readonly GraphStructure structure;
    private readonly ExternalData external;
    private readonly WeightTable weights;
    private readonly ConstantFolding folding;
    private readonly List<GraphValue> inputs = [];
    private readonly List<Node> nodes = [];
    private readonly HashSet<string> nodeNames = [];
    private readonly Dictionary<string, int> writers = [];

    // By the file's names.
    private readonly Dictionary<string, string> activations = [];
    private readonly Dictionary<string, ConstantTensor> constants = [];
    private readonly Dictionary<string, string> constantActivations = [];

    // By the graph's names. Constants that an operator took as an activation are in known; they become nodes when one reads them.
    private readonly Dictionary<string, TensorShape> shapes = [];
    private readonly Dictionary<string, ElementType> types = [];
    private readonly Dictionary<string, (ConstantTensor Value, string WeightName)> known = [];

    public GraphImport(GraphStructure structure, ExternalData external, int opset, long fileBytes)
    {
        this.structure = structure;
        this.external = external;
        Opset = opset;
        weights = new WeightTable(structure, external, fileBytes);
        folding = new ConstantFolding(weights);
        foreach (TensorProto tensor in structure.Initializers.Values)
        {
            constants.Add(tensor.Name, ConstantTensor.From(tensor, external));
        }

        foreach ((string name, SparseTensorProto tensor) in structure.SparseInitializers)
        {
            constants.Add(name, ConstantTensor.From(tensor, external, weights.CountRepeated));
        }
    }

    public int Opset { get; }

    public GraphStructure Structure => structure;

    /// <summary>QuantizeLinear nodes whose work is left to the DequantizeLinear after them, by their output.</summary>
    public Dictionary<string, OnnxNode> Quantized { get; } = [];

    /// <summary>Pairs of QuantizeLinear and DequantizeLinear that were left out.</summary>
    public int DroppedQuantizations { get; set; }

    public IReadOnlyList<GraphValue> Inputs => inputs;

    public IReadOnlyList<Node> Nodes => nodes;

    public IReadOnlyDictionary<string, Weight> Weights => weights.All;

    public void DeclareInputs(GraphProto graph, OnnxImportOptions options)
    {
        foreach (GraphValue input in InputShapes.Of(graph, structure, options))
        {
            inputs.Add(input);
            shapes.Add(input.Name, input.Shape);
            types.Add(input.Name, input.Type);
            activations.Add(input.Name, input.Name);
        }
    }

    /// <summary>How many nodes read a value of the file; being an output of the graph counts as one.</summary>
    public int ReadsOf(string value) => structure.ReadsOf(value);

    /// <summary>The activation that an input of a node stands for; a constant is one too.</summary>
    /// <exception cref="OnnxFormatException">It is left out, or an empty constant.</exception>
    public string Activation(OnnxNode node, int input)
    {
        string name = node.Input(input);
        if (activations.TryGetValue(name, out string? value) || constantActivations.TryGetValue(name, out value))
        {
            return value;
        }

        if (!constants.TryGetValue(name, out ConstantTensor? constant))
        {
            throw node.HasInput(input) ? node.Fail($"reads '{name}', which is not known here") : node.Fail($"lacks its input {input}");
        }

        string graphName = Know(node, Fresh($"{name}.value"), constant, name);
        constantActivations.Add(name, graphName);
        return graphName;
    }

    /// <summary>A constant made by an operator, as an activation.</summary>
    public string Activation(OnnxNode node, string wantedName, ConstantTensor constant) =>
        Know(node, Fresh(wantedName), constant, $"{wantedName}.constant");

    public TensorShape ShapeOf(string activation) => shapes[activation];

    public ElementType TypeOf(string activation) => types[activation];

    public ConstantTensor? ConstantOrNull(OnnxNode node, int input) => constants.GetValueOrDefault(node.Input(input));

    /// <summary>The constant that an input of a node stands for.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">Its input.</param>
    /// <param name="what">What the operator calls this input, for the message.</param>
    /// <exception cref="ConstantNeededException">It is an input of the graph.</exception>
    /// <exception cref="OnnxFormatException">It is left out, or an activation.</exception>
    public ConstantTensor Constant(OnnxNode node, int input, string what)
    {
        if (ConstantOrNull(node, input) is { } constant)
        {
            return constant;
        }

        if (!node.HasInput(input))
        {
            throw node.Fail($"lacks its {what} (input {input})");
        }

        OnnxFormatException error = node.Fail($"has the activation '{node.Input(input)}' as its {what}, where only a constant is supported");
        throw activations.TryGetValue(node.Input(input), out string? name) && inputs.Any(i => i.Name == name)
            ? new ConstantNeededException(name, error.Message)
            : error;
    }

    public ConstantTensor ConstantOf(TensorProto tensor) => ConstantTensor.From(tensor, external);

    /// <summary>One number many times; made when it is needed, and counted then.</summary>
    public ConstantTensor Repeated(ConstantTensor value, ImmutableArray<int> dims) =>
        ConstantTensor.Repeated(value, dims, weights.CountRepeated);

    /// <summary>Counts numbers that an operator is about to make of few in the file.</summary>
    /// <exception cref="OnnxFormatException">They are more than the file accounts for.</exception>
    public void CountComputed(OnnxNode node, long elements) => weights.CountComputed(node, elements);

    /// <summary>The node that wrote an activation last, or null for an input of the graph.</summary>
    public Node? WriterOf(string activation) => writers.TryGetValue(activation, out int index) ? nodes[index] : null;

    public Weight WeightOf(string name) => weights.All[name];

    /// <summary>Makes a weight, under the file's name for it unless other values have that name already.</summary>
    /// <returns>The name that it has in the graph.</returns>
    public string AddWeight(OnnxNode node, string name, TensorShape shape, ReadOnlySpan<float> values) =>
        weights.Add(node, name, shape, values, shapes.ContainsKey);

    /// <summary>Appends a node; its output must be one of the file's node's, and stands for it from now on.</summary>
    public void Emit(OnnxNode source, Func<string, Node> make) => Emit(source, null, make);

    /// <summary>The same for a node that has not the name of the file's node, but a part of it.</summary>
    public void Emit(OnnxNode source, string? part, Func<string, Node> make)
    {
        Node node = make(NodeName(PartName(source, part)));
        if (Place(source, node) is { } constant)
        {
            constants[node.Output] = constant;
        }
        else
        {
            activations[node.Output] = node.Output;
        }
    }

    /// <summary>Appends a node on the way to what the file's node writes.</summary>
    /// <param name="source">The file's node.</param>
    /// <param name="part">What the node does, for its name; null for the one that has the name of the file's node.</param>
    /// <param name="make">Makes the node of a name and an output.</param>
    /// <returns>The activation that it writes.</returns>
    public string Step(OnnxNode source, string? part, Func<string, string, Node> make)
    {
        Node node = make(NodeName(PartName(source, part)), Fresh(part is null ? $"{source.Name}/result" : PartName(source, part)));
        if (Place(source, node) is { } constant)
        {
            Know(source, node.Output, constant, $"{node.Output}.constant");
        }

        return node.Output;
    }

    /// <summary>Puts another node in the place of the writer of an activation, as when a bias is merged into it.</summary>
    public void Replace(OnnxNode source, string activation, Node replacement)
    {
        int index = writers[activation];
        nodes[index] = replacement;
        writers.Remove(activation);
        writers[replacement.Output] = index;
        shapes[replacement.Output] = ShapeInference.Infer(replacement, shapes, weights.All);
        types[replacement.Output] = types[activation];
        activations[source.Output] = replacement.Output;
    }

    /// <summary>The node's output is an activation that exists already, or a constant that one stands for.</summary>
    public void Alias(OnnxNode source, string activation)
    {
        if (known.TryGetValue(activation, out var constant))
        {
            constants[source.Output] = constant.Value;
            constantActivations[source.Output] = activation;
        }
        else
        {
            activations[source.Output] = activation;
        }
    }

    /// <summary>An output of the node is a constant.</summary>
    public void Define(OnnxNode source, ConstantTensor constant, int output = 0) => constants[source.OutputAt(output)] = constant;

    /// <summary>An output of the node has no elements, whatever the input's are.</summary>
    /// <param name="source">The node.</param>
    /// <param name="dims">The output's; one is 0.</param>
    /// <param name="type">The output's.</param>
    /// <param name="output">Which output.</param>
    /// <exception cref="OnnxFormatException">The batch is open.</exception>
    public void DefineEmpty(OnnxNode source, ImmutableArray<int> dims, ElementType type, int output = 0)
    {
        if (dims.Contains(TensorShape.Symbolic))
        {
            throw source.Fail("takes nothing of an open batch; give a whole input shape (--input-shape)");
        }

        bool isFloat = ElementTypes.IsFloat(type);
        Define(source, isFloat ? ConstantTensor.Of(dims, type, Array.Empty<float>()) : ConstantTensor.Of(dims, type, Array.Empty<long>()), output);
    }

    /// <summary>The activation or the constant that a name of the file stands for; both null when it stands for nothing.</summary>
    public (string? Activation, ConstantTensor? Constant) Lookup(string name) =>
        (activations.GetValueOrDefault(name), constants.GetValueOrDefault(name));

    /// <summary>Gives an activation another name, everywhere.</summary>
    public void Rename(string activation, string name)
    {
        int writer = writers[activation];
        nodes[writer] = nodes[writer].WithOutput(name);
        for (int i = writer + 1; i < nodes.Count; i++)
        {
            nodes[i] = nodes[i].WithInput(activation, name);
        }

        foreach (string key in activations.Where(a => a.Value == activation).Select(a => a.Key).ToArray())
        {
            activations[key] = name;
        }

        writers.Remove(activation);
        writers[name] = writer;
        shapes[name] = shapes[activation];
        types[name] = types[activation];
    }

    /// <summary>Makes a node of a constant that is an output of the graph.</summary>
    public void PlaceConstantOutput(OnnxNode source, ConstantTensor constant)
    {
        if (!writers.ContainsKey(source.Output))
        {
            Know(source, source.Output, constant, $"{source.Output}.constant");
            PlaceConstant(source, source.Output);
        }
    }

    private static string PartName(OnnxNode source, string? part) => part is null ? source.Name : $"{source.Name}/{part}";

    private string NodeName(string wanted)
    {
        string name = wanted;
        for (int i = 2; !nodeNames.Add(name); i++)
        {
            name = $"{wanted}_{i}";
        }

        return name;
    }

    /// <summary>A name that neither the file nor the graph has.</summary>
    private string Fresh(string wanted)
    {
        string name = wanted;
        for (int i = 2; shapes.ContainsKey(name) || weights.All.ContainsKey(name) || structure.IsKnown(name); i++)
        {
            name = $"{wanted}_{i}";
        }

        return name;
    }

    private string Know(OnnxNode node, string graphName, ConstantTensor constant, string weightName)
    {
        shapes[graphName] = constant.ElementCount > 0
            ? constant.Shape
            : throw node.Fail($"has a constant without elements ({ConstantTensor.Describe(constant.Dims)}), which is not supported here");
        types[graphName] = constant.Type;
        known[graphName] = (constant, weightName);
        return graphName;
    }

    /// <summary>Appends a node, or computes it where all it reads is constant.</summary>
    private ConstantTensor? Place(OnnxNode source, Node node)
    {
        TensorShape shape = ShapeInference.Infer(node, shapes, weights.All);
        ElementType type = TypeInference.Infer(node, types);
        if (!node.Inputs.IsEmpty && node.Inputs.All(known.ContainsKey))
        {
            return folding.Run(source, node, [.. node.Inputs.Select(i => known[i].Value)], shape, type);
        }

        foreach (string input in node.Inputs.Where(i => known.ContainsKey(i) && !writers.ContainsKey(i)).Distinct())
        {
            PlaceConstant(source, input);
        }

        Append(node, shape, type);
        return null;
    }

    /// <summary>Makes a node of a constant that an activation stands for.</summary>
    private void PlaceConstant(OnnxNode source, string activation)
    {
        (ConstantTensor value, string weightName) = known[activation];
        if (value.DependsOnBatch())
        {
            throw source.Fail("computes with the open batch dimension; give a whole input shape (--input-shape)");
        }

        string weight = weights.Add(source, weightName, value.Shape, Singles(source, value), shapes.ContainsKey, isOperand: true);
        Append(new Constant(NodeName(activation), activation, weight, value.Type), value.Shape, value.Type);
    }

    private void Append(Node node, TensorShape shape, ElementType type)
    {
        shapes[node.Output] = shape;
        types[node.Output] = type;
        writers[node.Output] = nodes.Count;
        nodes.Add(node);
    }

    private static float[] Singles(OnnxNode source, ConstantTensor value)
    {
        if (value.IsFloat)
        {
            return value.Floats();
        }

        long[] integers = value.Integers();
        return Array.TrueForAll(integers, v => (long)(float)v == v && Math.Abs((double)v) < long.MaxValue)
            ? Array.ConvertAll(integers, v => (float)v)
            : throw source.Fail("computes with an integer constant that fp32 cannot hold");
    }
}
