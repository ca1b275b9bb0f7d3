using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Proto;
using Google.Protobuf;
using AttributeType = EdgeSparse.Compiler.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;
using Dimension = EdgeSparse.Compiler.Onnx.Proto.TensorShapeProto.Types.Dimension;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>Writes ONNX files as other exporters do, good ones and bad ones.</summary>
internal sealed class OnnxModelBuilder
{
    public OnnxModelBuilder(int opset = 13)
    {
        Proto = new ModelProto { IrVersion = 7, ProducerName = "test", Graph = new GraphProto { Name = "test" } };
        Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
    }

    public ModelProto Proto { get; }

    public GraphProto GraphProto => Proto.Graph;

    /// <param name="name">The input's name.</param>
    /// <param name="dims">Numbers are fixed dimensions, strings symbolic ones, null a dimension that says nothing.</param>
    public OnnxModelBuilder Input(string name, params object?[] dims)
    {
        GraphProto.Input.Add(Value(name, DataType.Float, dims));
        return this;
    }

    public OnnxModelBuilder InputOf(DataType type, string name, params object?[] dims)
    {
        GraphProto.Input.Add(Value(name, type, dims));
        return this;
    }

    public OnnxModelBuilder Output(string name)
    {
        GraphProto.Output.Add(Value(name, DataType.Float, []));
        GraphProto.Output[^1].Type.TensorType.Shape = null;
        return this;
    }

    public OnnxModelBuilder Floats(string name, int[] dims, params float[] values)
    {
        TensorProto tensor = Tensor(name, DataType.Float, dims);
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        GraphProto.Initializer.Add(tensor);
        return this;
    }

    /// <summary>An initializer of seeded values between −1 and 1.</summary>
    public OnnxModelBuilder Random(string name, params int[] dims)
    {
        Random random = new(name.Length);
        return Floats(name, dims, [.. Enumerable.Range(0, dims.Aggregate(1, (a, b) => a * b)).Select(_ => (random.NextSingle() * 2) - 1)]);
    }

    public OnnxModelBuilder Integers(string name, params long[] values)
    {
        TensorProto tensor = Tensor(name, DataType.Int64, values.Length);
        tensor.Int64Data.Add(values);
        GraphProto.Initializer.Add(tensor);
        return this;
    }

    /// <param name="operation">The op_type.</param>
    /// <param name="inputs">Names, separated by spaces; "_" leaves an optional input out.</param>
    /// <param name="output">The first output; also the node's name.</param>
    /// <param name="attributes">Values: int, float, string, int[], float[] or a TensorProto.</param>
    public OnnxModelBuilder Node(string operation, string inputs, string output, params (string Name, object Value)[] attributes)
    {
        NodeProto node = new() { OpType = operation, Name = output };
        node.Input.Add(inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(i => i == "_" ? "" : i));
        node.Output.Add(output);
        node.Attribute.Add(attributes.Select(a => Attribute(a.Name, a.Value)));
        GraphProto.Node.Add(node);
        return this;
    }

    /// <summary>The same, with something done to it in between.</summary>
    public OnnxModelBuilder With(Action<OnnxModelBuilder> change)
    {
        change(this);
        return this;
    }

    public byte[] ToBytes() => Proto.ToByteArray();

    public Graph Import(OnnxImportOptions? options = null) => OnnxImporter.Parse(ToBytes(), "test.onnx", options);

    /// <summary>The message of the import's failure, without the model's name in front.</summary>
    public string ImportError(OnnxImportOptions? options = null)
    {
        string message = Assert.ThrowsAny<OnnxFormatException>(() => Import(options)).Message;
        Assert.StartsWith("ONNX model 'test.onnx': ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message["ONNX model 'test.onnx': ".Length..];
    }

    public static TensorProto Tensor(string name, DataType type, params int[] dims)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)type };
        tensor.Dims.Add(dims.Select(d => (long)d));
        return tensor;
    }

    private static ValueInfoProto Value(string name, DataType type, object?[] dims)
    {
        TensorShapeProto shape = new();
        shape.Dim.Add(dims.Select(d => d switch
        {
            int value => new Dimension { DimValue = value },
            string symbol => new Dimension { DimParam = symbol },
            _ => new Dimension(),
        }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    private static AttributeProto Attribute(string name, object value)
    {
        AttributeProto attribute = new() { Name = name };
        switch (value)
        {
            case int i:
                attribute.Type = AttributeType.Int;
                attribute.I = i;
                break;
            case float f:
                attribute.Type = AttributeType.Float;
                attribute.F = f;
                break;
            case string s:
                attribute.Type = AttributeType.String;
                attribute.S = ByteString.CopyFromUtf8(s);
                break;
            case int[] integers:
                attribute.Type = AttributeType.Ints;
                attribute.Ints.Add(integers.Select(i => (long)i));
                break;
            case float[] floats:
                attribute.Type = AttributeType.Floats;
                attribute.Floats.Add(floats);
                break;
            case TensorProto tensor:
                attribute.Type = AttributeType.Tensor;
                attribute.T = tensor;
                break;
            default:
                throw new ArgumentException($"no attribute of type {value.GetType()}", nameof(value));
        }

        return attribute;
    }
}
