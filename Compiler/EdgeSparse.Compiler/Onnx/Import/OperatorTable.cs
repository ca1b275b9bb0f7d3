using System.Collections.Frozen;
using EdgeSparse.Compiler.Onnx.Import.Operators;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>How one ONNX operator becomes nodes of the graph.</summary>
internal abstract class OperatorImport
{
    /// <summary>The op_type in the file.</summary>
    public abstract string Operator { get; }

    /// <exception cref="OnnxFormatException">An attribute or input is not supported; made by <see cref="OnnxNode.Fail"/>.</exception>
    public abstract void Import(OnnxNode node, GraphImport graph);
}

/// <summary>Every operator that can be imported, in one place.</summary>
internal static class OperatorTable
{
    public const int OldestOpset = 7;
    public const int NewestOpset = 25;

    private static readonly FrozenDictionary<string, OperatorImport> Operators = new OperatorImport[]
    {
        new AddImport(),
        new AveragePoolImport(),
        new BatchNormalizationImport(),
        new ClipImport(),
        new ConstantImport(),
        new ConvImport(),
        new ConvTransposeImport(),
        new DropoutImport(),
        new FlattenImport(),
        new GemmImport(),
        new GlobalAveragePoolImport(),
        new HardSwishImport(),
        new IdentityImport(),
        new LeakyReluImport(),
        new MatMulImport(),
        new MaxPoolImport(),
        new ReluImport(),
        new ReshapeImport(),
        new SigmoidImport(),
        new SoftmaxImport(),
    }.ToFrozenDictionary(o => o.Operator);

    /// <summary>Names of all operators, sorted: what messages and documents list.</summary>
    public static IEnumerable<string> Names => Operators.Keys.Order(StringComparer.Ordinal);

    /// <summary>The operators of ONNX itself stand under two names of one domain.</summary>
    public static bool IsStandardDomain(string domain) => domain is "" or "ai.onnx";

    /// <exception cref="OnnxFormatException">The operator is not in the table.</exception>
    public static void CheckSupported(NodeProto node)
    {
        if (!IsStandardDomain(node.Domain) || !Operators.ContainsKey(node.OpType))
        {
            string name = IsStandardDomain(node.Domain) ? node.OpType : $"{node.Domain}.{node.OpType}";
            throw new OnnxFormatException(
                $"node '{OnnxNode.NameOf(node)}' uses the operator {name}, which is not supported; supported are {string.Join(", ", Names)}");
        }
    }

    public static void Import(NodeProto proto, GraphImport graph)
    {
        OnnxNode node = new(proto, graph.Opset);
        if (node.Output.Length == 0)
        {
            throw node.Fail("has no output");
        }

        if (node.FurtherOutputs.FirstOrDefault(o => graph.ReadsOf(o) > 0) is string further)
        {
            throw node.Fail($"has a further output '{further}' that is read; only the first is supported");
        }

        Operators[node.Operator].Import(node, graph);
        node.RefuseUnaskedAttributes();
    }
}
