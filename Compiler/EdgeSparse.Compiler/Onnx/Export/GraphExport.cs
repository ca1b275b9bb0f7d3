using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using Google.Protobuf;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>The file's graph while it is built: nodes in execution order, each weight once, in the order of first use.</summary>
internal sealed class GraphExport
{
    // One protobuf message is at most 2 GiB; some room is left for everything but weights.
    private const long LargestWeightBytes = int.MaxValue - (64 << 20);

    private readonly Graph graph;
    private readonly GraphProto proto = new();
    private readonly HashSet<string> names;
    private readonly HashSet<string> initializers = [];
    private readonly Dictionary<string, string> standIns = [];

    private GraphExport(Graph graph)
    {
        this.graph = graph;
        names = [.. graph.Shapes.Keys, .. graph.Weights.Keys];
    }

    /// <exception cref="GraphException">A layer cannot be said in ONNX, or the weights exceed one file.</exception>
    public static GraphProto Export(Graph graph)
    {
        GraphExport export = new(graph);
        if (graph.Weights.Values.Sum(w => (long)w.ElementCount * sizeof(float)) > LargestWeightBytes)
        {
            throw new GraphException($"graph '{graph.Name}' has more weights than one ONNX file can hold (2 GiB)");
        }

        export.proto.Name = graph.Name;
        foreach (GraphValue input in graph.Inputs)
        {
            export.proto.Input.Add(Declare(input.Name, input.Shape));
        }

        foreach (Node node in graph.Nodes)
        {
            NodeExport.Export(node, export);
        }

        foreach (string output in graph.Outputs)
        {
            export.proto.Output.Add(Declare(output, graph.Shapes[output]));
        }

        return export.proto;
    }

    public TensorShape ShapeOf(string activation) => graph.Shapes[activation];

    public bool IsOutput(string activation) => graph.Outputs.Contains(activation);

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

    public NodeProto Emit(string name, string operation, IEnumerable<string> inputs, string output)
    {
        NodeProto node = new() { Name = name, OpType = operation };
        node.Input.Add(inputs.Select(Resolve));
        node.Output.Add(output);
        proto.Node.Add(node);
        return node;
    }

    /// <summary>The weight as an initializer of its own name.</summary>
    public string Initializer(string weightName)
    {
        if (initializers.Add(weightName))
        {
            Weight weight = graph.WeightOf(weightName);
            Add(weightName, weight.Shape, weight.Values.Span);
        }

        return weightName;
    }

    /// <summary>A number as an initializer without dimensions, of a name that is still free.</summary>
    public string Scalar(string wanted, float value)
    {
        string name = FreshName(wanted);
        Add(name, new TensorShape(), [value]);
        return name;
    }

    /// <summary>The weight [out, in] as a matrix [in, out], of its own name unless other layers read it too.</summary>
    public string TransposedInitializer(string weightName)
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

        Add(name, new TensorShape(columns, rows), transposed);
        return name;
    }

    private void Add(string name, TensorShape shape, ReadOnlySpan<float> values)
    {
        byte[] raw = new byte[values.Length * sizeof(float)];
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(raw);
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * sizeof(float)), values[i]);
            }
        }

        TensorProto tensor = new() { Name = name, DataType = (int)DataType.Float, RawData = UnsafeByteOperations.UnsafeWrap(raw) };
        tensor.Dims.Add(shape.Dims.Select(d => (long)d));
        proto.Initializer.Add(tensor);
    }

    private string Resolve(string activation) => standIns.GetValueOrDefault(activation, activation);

    private static ValueInfoProto Declare(string name, TensorShape shape)
    {
        TensorShapeProto dims = new();
        foreach (int dim in shape.Dims)
        {
            dims.Dim.Add(dim == TensorShape.Symbolic
                ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
                : new TensorShapeProto.Types.Dimension { DimValue = dim });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = dims } },
        };
    }
}
