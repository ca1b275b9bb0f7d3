using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>Normalisations in ONNX.</summary>
internal static class NormalisationExport
{
    public static void Export(Node node, GraphExport graph)
    {
        switch (node)
        {
            case BatchNorm norm:
                Emit(norm, "BatchNormalization", graph).With("epsilon", norm.Epsilon);
                break;
            case LayerNorm norm:
                Emit(norm, "LayerNormalization", graph).With("axis", norm.Axis).With("epsilon", norm.Epsilon);
                break;
            case InstanceNorm norm:
                Emit(norm, "InstanceNormalization", graph).With("epsilon", norm.Epsilon);
                break;
            case GroupNorm norm:
                Emit(norm, "GroupNormalization", graph).With("num_groups", norm.Groups).With("epsilon", norm.Epsilon);
                break;
            case LocalResponseNorm norm:
                NodeExport.Simple(norm, "LRN", graph)
                    .With("size", norm.Size).With("alpha", norm.Alpha).With("beta", norm.Beta).With("bias", norm.Bias);
                break;
            default:
                throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be exported to ONNX");
        }
    }

    private static NodeProto Emit(Node node, string operation, GraphExport graph) =>
        graph.Emit(node.Name, operation, [.. node.Inputs, .. graph.InitializersOf(node)], node.Output);
}
