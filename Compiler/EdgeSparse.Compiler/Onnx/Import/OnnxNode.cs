using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EdgeSparse.Compiler.Onnx.Proto;
using AttributeType = EdgeSparse.Compiler.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// One node of the file while it is imported. Attributes are asked for by name and type; those that nobody asked for are
/// refused at the end, because ignoring them would compute something else.
/// </summary>
internal sealed class OnnxNode
{
    private readonly NodeProto proto;
    private readonly Dictionary<string, AttributeProto> attributes = [];
    private readonly SortedSet<string> asked = new(StringComparer.Ordinal);

    /// <exception cref="OnnxFormatException">An attribute stands twice or refers to a function's parameter.</exception>
    public OnnxNode(NodeProto proto, int opset)
    {
        this.proto = proto;
        Opset = opset;
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (attribute.RefAttrName.Length > 0 || !attributes.TryAdd(attribute.Name, attribute))
            {
                throw Fail($"has the attribute '{attribute.Name}' twice, or as a reference to a function's parameter");
            }
        }
    }

    /// <summary>The name in the file; when that is empty, the first output's.</summary>
    public string Name => NameOf(proto);

    public string Operator => proto.OpType;

    public int Opset { get; }

    public int InputCount => proto.Input.Count;

    /// <summary>The name of an input in the file; empty when an optional one is left out.</summary>
    public string Input(int index) => index < proto.Input.Count ? proto.Input[index] : "";

    public bool HasInput(int index) => Input(index).Length > 0;

    /// <summary>The first output's name in the file.</summary>
    public string Output => proto.Output.Count > 0 ? proto.Output[0] : "";

    public int OutputCount => proto.Output.Count;

    /// <summary>The name of an output in the file; empty when it is left out.</summary>
    public string OutputAt(int index) => index < proto.Output.Count ? proto.Output[index] : "";

    public IEnumerable<string> FurtherOutputs => proto.Output.Skip(1);

    public bool HasAttribute(string name) => attributes.ContainsKey(name);

    public long Integer(string name, long absent) => Attribute(name, AttributeType.Int) is { } a ? a.I : absent;

    /// <summary>An integer that must fit the range.</summary>
    public int Integer(string name, int absent, int least, int most)
    {
        long value = Integer(name, absent);
        return value >= least && value <= most
            ? (int)value
            : throw Fail($"has {name} = {value}; supported are {least} to {most}");
    }

    public bool Flag(string name) => Integer(name, 0, 0, 1) == 1;

    public float Float(string name, float absent) => Attribute(name, AttributeType.Float) is { } a ? a.F : absent;

    public ImmutableArray<float>? Floats(string name) => Attribute(name, AttributeType.Floats) is { } a ? [.. a.Floats] : null;

    public ImmutableArray<long>? Integers(string name) => Attribute(name, AttributeType.Ints) is { } a ? [.. a.Ints] : null;

    public string Text(string name, string absent) =>
        Attribute(name, AttributeType.String) is { } a ? Encoding.UTF8.GetString(a.S.Span) : absent;

    public TensorProto? Tensor(string name) => Attribute(name, AttributeType.Tensor)?.T;

    /// <summary>An axis, negative ones counted from the end.</summary>
    /// <param name="name">The attribute.</param>
    /// <param name="absent">Its value when it is left out.</param>
    /// <param name="rank">Dimensions of the input.</param>
    /// <returns>0 to rank − 1.</returns>
    public int Axis(string name, int absent, int rank)
    {
        int axis = rank > 0 ? Integer(name, absent, -rank, rank - 1) : throw Fail("needs an input with dimensions, got a scalar");
        return axis < 0 ? axis + rank : axis;
    }

    /// <summary>Marks an attribute that does not matter at inference as known.</summary>
    public void Ignore(string name) => asked.Add(name);

    /// <summary>Refuses an attribute unless it has the one value that is supported.</summary>
    public void Require(string name, long only, long absent)
    {
        long value = Integer(name, absent);
        if (value != only)
        {
            throw Fail($"has {name} = {value}; only {only} is supported");
        }
    }

    /// <exception cref="OnnxFormatException">The file has an attribute that nobody asked for.</exception>
    public void RefuseUnaskedAttributes()
    {
        if (attributes.Keys.FirstOrDefault(a => !asked.Contains(a)) is string unknown)
        {
            throw Fail($"has the attribute '{unknown}', which is not supported; "
                + (asked.Count == 0 ? "it may have none" : $"supported are {string.Join(", ", asked)}"));
        }
    }

    /// <summary>An error of this node: "node 'x' (Operator, opset n) ...".</summary>
    public OnnxFormatException Fail(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"node '{Name}' ({Operator}, opset {Opset}) {what}"));

    public static string NameOf(NodeProto proto) =>
        proto.Name.Length > 0 ? proto.Name : proto.Output.FirstOrDefault(o => o.Length > 0) ?? proto.OpType;

    private AttributeProto? Attribute(string name, AttributeType type)
    {
        asked.Add(name);
        if (!attributes.TryGetValue(name, out AttributeProto? attribute))
        {
            return null;
        }

        return attribute.Type == type
            ? attribute
            : throw Fail($"has the attribute '{name}' of type {attribute.Type}; it must be {type}");
    }
}
