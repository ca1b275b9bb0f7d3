using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>The file's graph while it is built: nodes in execution order, each weight once, in the order of first use.</summary>
internal sealed class GraphExport
{
    // One protobuf message is at most 2 GiB; some room is left for everything but weights.
    private const long LargestWeightBytes = int.MaxValue - (64 << 20);

    private readonly Graph graph;
    private readonly OnnxExportOptions options;
    private readonly GraphProto proto = new();
    private readonly HashSet<string> names;
    private readonly Dictionary<(string Weight, ElementType Type), string> initializers = [];
    private readonly HashSet<string> written = [];
    private readonly Dictionary<string, string> standIns = [];

    private GraphExport(Graph graph, OnnxExportOptions options)
    {
        this.graph = graph;
        this.options = options;
        names = [.. graph.Shapes.Keys, .. graph.Weights.Keys];
    }

    /// <exception cref="GraphException">A layer cannot be said in ONNX, or the weights exceed one file.</exception>
    public static GraphProto Export(Graph graph, OnnxExportOptions options)
    {
        GraphExport export = new(graph, options);
        if (graph.Weights.Values.Sum(w => (long)w.ElementCount * sizeof(float)) > LargestWeightBytes)
        {
            throw new GraphException($"graph '{graph.Name}' has more weights than one ONNX file can hold (2 GiB)");
        }

        export.proto.Name = graph.Name;
        foreach (GraphValue input in graph.Inputs)
        {
            export.proto.Input.Add(export.Declare(input.Name));
        }

        foreach (Node node in graph.Nodes)
        {
            if (!export.written.Contains(node.Output))
            {
                NodeExport.Export(node, export);
            }
        }

        foreach (string output in graph.Outputs)
        {
            export.proto.Output.Add(export.Declare(output));
        }

        return export.proto;
    }

    public TensorShape ShapeOf(string activation) => graph.Shapes[activation];

    public ElementType TypeOf(string activation) => graph.Types[activation];

    public bool IsOutput(string activation) => graph.Outputs.Contains(activation);

    /// <summary>The first node that is not in the file yet and that a condition holds for, or null.</summary>
    public Node? FindUnwritten(Func<Node, bool> condition) => graph.Nodes.FirstOrDefault(n => !written.Contains(n.Output) && condition(n));

    /// <summary>Whoever reads <paramref name="activation"/> reads <paramref name="other"/>: for layers that are left out.</summary>
    public void ReadInstead(string activation, string other) => standIns[activation] = Resolve(other);

    /// <summary>A name that nothing in the graph has.</summary>
    public string FreshName(string wanted)
    {
        string free = wanted;
        for (int i = 2; !names.Add(free); i++)
        {
            free = $"{wanted}_{i}";
        }

        return free;
    }

    public NodeProto Emit(string name, string operation, IEnumerable<string> inputs, params ReadOnlySpan<string> outputs)
    {
        NodeProto node = new() { Name = name, OpType = operation };
        node.Input.Add(inputs.Select(Resolve));
        foreach (string output in outputs)
        {
            node.Output.Add(output);
            written.Add(output);
        }

        proto.Node.Add(node);
        return node;
    }

    /// <summary>The weight as an initializer of its own name, or of another where it is there already with another type.</summary>
    /// <param name="weightName">Name of the weight.</param>
    /// <param name="type">What the operator wants: the type of its activations.</param>
    public string Initializer(string weightName, ElementType type)
    {
        if (!initializers.TryGetValue((weightName, type), out string? name))
        {
            name = initializers.Keys.Any(k => k.Weight == weightName) ? FreshName($"{weightName}.{type}") : weightName;
            initializers[(weightName, type)] = name;
            Weight weight = graph.WeightOf(weightName);
            Add(name, weight.Shape, weight.Values.Span, type);
        }

        return name;
    }

    /// <summary>The weights of a node, as initializers of the type of its first input.</summary>
    public IEnumerable<string> InitializersOf(Node node) => node.WeightNames.Select(w => Initializer(w, TypeOf(node.Inputs[0])));

    /// <summary>A number as an initializer without dimensions, of a name that is still free.</summary>
    public string Scalar(string wanted, float value, ElementType type)
    {
        string name = FreshName(wanted);
        Add(name, new TensorShape(), [value], type);
        return name;
    }

    /// <summary>Whole numbers as an int64 initializer of one dimension, or of those given.</summary>
    public string Integers(string wanted, IEnumerable<int> values, TensorShape? shape = null)
    {
        string name = FreshName(wanted);
        long[] all = [.. values.Select(v => (long)v)];
        proto.Initializer.Add(TensorExport.Integers(name, shape is { } given ? given.Dims.AsSpan() : [all.Length], all));
        return name;
    }

    /// <summary>Numbers as a float initializer of one dimension.</summary>
    public string Floats(string wanted, ReadOnlySpan<float> values)
    {
        string name = FreshName(wanted);
        Add(name, new TensorShape(values.Length), values, ElementType.Float32);
        return name;
    }

    /// <summary>The weight [out, in] as a matrix [in, out], of its own name unless other layers read it too.</summary>
    public string TransposedInitializer(string weightName, ElementType type)
    {
        bool isShared = graph.Nodes.Count(n => n.WeightNames.Contains(weightName)) > 1;
        string name = isShared ? FreshName($"{weightName}.transposed") : weightName;
        Weight weight = graph.WeightOf(weightName);
        int rows = weight.Shape[0];
        int columns = weight.Shape[1];
        ReadOnlySpan<float> values = weight.Values.Span;
        float[] transposed = new float[values.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                transposed[(c * rows) + r] = values[(r * columns) + c];
            }
        }

        Add(name, new TensorShape(columns, rows), transposed, type);
        return name;
    }

    private void Add(string name, TensorShape shape, ReadOnlySpan<float> values, ElementType type)
    {
        if (options.SparseInitializers && TensorExport.Sparse(name, shape, values, type) is { } sparse)
        {
            proto.SparseInitializer.Add(sparse);
            return;
        }

        proto.Initializer.Add(TensorExport.Dense(name, shape.Dims.AsSpan(), values, type));
    }

    private string Resolve(string activation) => standIns.GetValueOrDefault(activation, activation);

    private ValueInfoProto Declare(string name)
    {
        TensorShapeProto dims = new();
        foreach (int dim in graph.Shapes[name].Dims)
        {
            dims.Dim.Add(dim == TensorShape.Symbolic
                ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
                : new TensorShapeProto.Types.Dimension { DimValue = dim });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = TensorExport.DataTypeOf(graph.Types[name]), Shape = dims },
            },
        };
    }
}
