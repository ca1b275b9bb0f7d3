using EdgeSparse.Compiler.Onnx.Proto;
using Google.Protobuf;
using AttributeType = EdgeSparse.Compiler.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>Adds attributes to a node.</summary>
internal static class NodeAttributes
{
    public static NodeProto With(this NodeProto node, string name, long value)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeType.Int, I = value });
        return node;
    }

    public static NodeProto With(this NodeProto node, string name, bool value) => node.With(name, value ? 1L : 0L);

    public static NodeProto With(this NodeProto node, string name, float value)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeType.Float, F = value });
        return node;
    }

    public static NodeProto With(this NodeProto node, string name, string value)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) });
        return node;
    }

    public static NodeProto With(this NodeProto node, string name, IEnumerable<int> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Ints };
        attribute.Ints.Add(values.Select(v => (long)v));
        node.Attribute.Add(attribute);
        return node;
    }
}
