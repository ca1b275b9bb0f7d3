using System.Collections.Frozen;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Import.Operators;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>How one ONNX operator becomes nodes of the graph.</summary>
internal abstract class OperatorImport
{
    /// <summary>The op_type in the file.</summary>
    public abstract string Operator { get; }

    /// <summary>Whether it takes care of outputs beyond the first itself; else they may not be read.</summary>
    public virtual bool HasSeveralOutputs => false;

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
        new PointwiseImport("Abs", PointwiseFunction.Abs),
        new AddImport(),
        new BinaryImport("And", BinaryFunction.And),
        new ArgExtremeImport("ArgMax", isMaximum: true),
        new ArgExtremeImport("ArgMin", isMaximum: false),
        new PoolImport(isMaximum: false),
        new BatchNormalizationImport(),
        new CastImport(),
        new CastLikeImport(),
        new PointwiseImport("Ceil", PointwiseFunction.Ceil),
        new ClipImport(),
        new ConcatImport(),
        new ConstantImport(),
        new ConstantOfShapeImport(),
        new ConvImport(),
        new ConvTransposeImport(),
        new DepthToSpaceImport(),
        new DequantizeLinearImport(),
        new BinaryImport("Div", BinaryFunction.Div),
        new DropoutImport(),
        new ParametricImport("Elu", PointwiseFunction.Elu, ("alpha", 1f), null),
        new BinaryImport("Equal", BinaryFunction.Equal),
        new PointwiseImport("Erf", PointwiseFunction.Erf),
        new PointwiseImport("Exp", PointwiseFunction.Exp),
        new ExpandImport(),
        new FlattenImport(),
        new PointwiseImport("Floor", PointwiseFunction.Floor),
        new GatherImport(),
        new GeluImport(),
        new GemmImport(),
        new GlobalPoolImport(isMaximum: false),
        new GlobalPoolImport(isMaximum: true),
        new BinaryImport("Greater", BinaryFunction.Greater),
        new BinaryImport("GreaterOrEqual", BinaryFunction.GreaterOrEqual),
        new GroupNormalizationImport(),
        new ParametricImport("HardSigmoid", PointwiseFunction.HardSigmoid, ("alpha", 0.2f), ("beta", 0.5f)),
        new HardSwishImport(),
        new IdentityImport(),
        new InstanceNormalizationImport(),
        new LrnImport(),
        new LayerNormalizationImport(),
        new LeakyReluImport(),
        new BinaryImport("Less", BinaryFunction.Less),
        new BinaryImport("LessOrEqual", BinaryFunction.LessOrEqual),
        new PointwiseImport("Log", PointwiseFunction.Log),
        new SoftmaxImport("LogSoftmax", isLogarithm: true),
        new MatMulImport(),
        new VariadicImport("Max", BinaryFunction.Max),
        new PoolImport(isMaximum: true),
        new VariadicImport("Mean", BinaryFunction.Add, isMean: true),
        new VariadicImport("Min", BinaryFunction.Min),
        new PointwiseImport("Mish", PointwiseFunction.Mish),
        new BinaryImport("Mod", BinaryFunction.Mod),
        new BinaryImport("Mul", BinaryFunction.Mul),
        new PointwiseImport("Neg", PointwiseFunction.Neg),
        new PointwiseImport("Not", PointwiseFunction.Not),
        new BinaryImport("Or", BinaryFunction.Or),
        new PReluImport(),
        new PadImport(),
        new BinaryImport("Pow", BinaryFunction.Pow),
        new QuantizeLinearImport(),
        new PointwiseImport("Reciprocal", PointwiseFunction.Reciprocal),
        new ReduceImport("ReduceMax", ReduceFunction.Max, axesInputSince: 18),
        new ReduceImport("ReduceMean", ReduceFunction.Mean, axesInputSince: 18),
        new ReduceImport("ReduceMin", ReduceFunction.Min, axesInputSince: 18),
        new ReduceImport("ReduceProd", ReduceFunction.Product, axesInputSince: 18),
        new ReduceImport("ReduceSum", ReduceFunction.Sum, axesInputSince: 13),
        new ReluImport(),
        new ReshapeImport(),
        new ResizeImport(),
        new PointwiseImport("Round", PointwiseFunction.Round),
        new ParametricImport("Selu", PointwiseFunction.Selu, ("alpha", 1.67326319217681884765625f), ("gamma", 1.05070102214813232421875f)),
        new ShapeImport(),
        new SigmoidImport(),
        new PointwiseImport("Sign", PointwiseFunction.Sign),
        new SizeImport(),
        new SliceImport(),
        new SoftmaxImport("Softmax", isLogarithm: false),
        new PointwiseImport("Softplus", PointwiseFunction.Softplus),
        new SpaceToDepthImport(),
        new SplitImport(),
        new PointwiseImport("Sqrt", PointwiseFunction.Sqrt),
        new SqueezeImport(),
        new BinaryImport("Sub", BinaryFunction.Sub),
        new VariadicImport("Sum", BinaryFunction.Add),
        new PointwiseImport("Tanh", PointwiseFunction.Tanh),
        new TileImport(),
        new TopKImport(),
        new TransposeImport(),
        new UnsqueezeImport(),
        new UpsampleImport(),
        new WhereImport(),
        new BinaryImport("Xor", BinaryFunction.Xor),
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
                $"node '{OnnxNode.NameOf(node)}' uses the operator {name}, which is not supported; docs/onnx.md lists those that are");
        }
    }

    public static void Import(NodeProto proto, GraphImport graph)
    {
        OnnxNode node = new(proto, graph.Opset);
        if (node.OutputCount == 0)
        {
            throw node.Fail("has no output");
        }

        OperatorImport operation = Operators[node.Operator];
        if (!operation.HasSeveralOutputs && node.FurtherOutputs.FirstOrDefault(o => graph.ReadsOf(o) > 0) is string further)
        {
            throw node.Fail($"has a further output '{further}' that is read; only the first is supported");
        }

        if (node.Output.Length == 0 && !operation.HasSeveralOutputs)
        {
            throw node.Fail("has no output");
        }

        try
        {
            operation.Import(node, graph);
        }
        catch (GraphException error) when (!error.Message.StartsWith("layer '", StringComparison.Ordinal))
        {
            throw node.Fail($"has a part that cannot be: {error.Message}");
        }

        node.RefuseUnaskedAttributes();
    }
}
