using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>Functions of one or two elements in ONNX.</summary>
internal static class PointwiseExport
{
    /// <exception cref="GraphException">There is no such operator in the opset.</exception>
    public static void Export(PointwiseActivation node, GraphExport graph)
    {
        switch (node)
        {
            case Relu or HardSwish or Sigmoid:
                NodeExport.Simple(node, node.Operator, graph);
                break;
            case LeakyRelu leaky:
                NodeExport.Simple(leaky, "LeakyRelu", graph).With("alpha", leaky.Alpha);
                break;
            case Clip clip:
                ExportClip(clip, graph);
                break;
            case Pointwise pointwise:
                ExportPointwise(pointwise, graph);
                break;
            default:
                throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be exported to ONNX");
        }
    }

    public static void Export(Binary node, GraphExport graph)
    {
        NodeProto proto = NodeExport.Simple(node, NameOf(node.Function), graph);
        if (node.Function is BinaryFunction.Fmod or BinaryFunction.Mod)
        {
            proto.With("fmod", node.Function == BinaryFunction.Fmod);
        }
    }

    private static string NameOf(BinaryFunction function) => function switch
    {
        BinaryFunction.IntegerDiv => "Div",
        BinaryFunction.PRelu => "PRelu",
        BinaryFunction.Fmod => "Mod",
        _ => function.ToString(),
    };

    private static void ExportClip(Clip clip, GraphExport graph)
    {
        // A bound that is left out is the least or largest number; an empty name leaves out what is not the last.
        ElementType type = graph.TypeOf(clip.Input);
        string min = clip.Min == float.MinValue ? "" : graph.Scalar($"{clip.Name}.min", clip.Min, type);
        string[] max = clip.Max == float.MaxValue ? [] : [graph.Scalar($"{clip.Name}.max", clip.Max, type)];
        graph.Emit(clip.Name, "Clip", min.Length + max.Length == 0 ? clip.Inputs : [clip.Input, min, .. max], clip.Output);
    }

    private static void ExportPointwise(Pointwise node, GraphExport graph)
    {
        string operation = node.Function == PointwiseFunction.GeluTanh ? "Gelu" : node.Function.ToString();
        NodeProto proto = NodeExport.Simple(node, operation, graph);
        switch (node.Function)
        {
            case PointwiseFunction.GeluTanh:
                proto.With("approximate", "tanh");
                break;
            case PointwiseFunction.Elu:
                proto.With("alpha", node.A);
                break;
            case PointwiseFunction.Selu:
                proto.With("alpha", node.A).With("gamma", node.B);
                break;
            case PointwiseFunction.HardSigmoid:
                proto.With("alpha", node.A).With("beta", node.B);
                break;
        }
    }
}
