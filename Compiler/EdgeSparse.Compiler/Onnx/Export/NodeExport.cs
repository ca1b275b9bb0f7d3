using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>How each layer is said in ONNX.</summary>
internal static class NodeExport
{
    /// <exception cref="GraphException">The layer has no form in this opset.</exception>
    public static void Export(Node node, GraphExport graph)
    {
        switch (node)
        {
            case WeightedLayer layer:
                LayerExport.Export(layer, graph);
                break;
            case Constant constant:
                ExportConstant(constant, graph);
                break;
            case Dropout dropout:
                ExportDropout(dropout, graph);
                break;
            case PointwiseActivation activation:
                PointwiseExport.Export(activation, graph);
                break;
            case Softmax softmax:
                Simple(softmax, softmax.IsLogarithm ? "LogSoftmax" : "Softmax", graph).With("axis", softmax.Axis);
                break;
            case Add:
                Simple(node, "Add", graph);
                break;
            case Binary binary:
                PointwiseExport.Export(binary, graph);
                break;
            case Where:
                Simple(node, "Where", graph);
                break;
            case Cast cast:
                Simple(cast, "Cast", graph).With("to", TensorExport.DataTypeOf(cast.To));
                break;
            case MatMul:
                Simple(node, "MatMul", graph);
                break;
            case Resize resize:
                ResizeExport.Export(resize, graph);
                break;
            case MaxPool or AveragePool or GlobalAveragePool or GlobalMaxPool or Reduce or ArgExtreme or TopK:
                ReductionExport.Export(node, graph);
                break;
            case BatchNorm or LayerNorm or InstanceNorm or GroupNorm or LocalResponseNorm:
                NormalisationExport.Export(node, graph);
                break;
            default:
                MovementExport.Export(node, graph);
                break;
        }
    }

    /// <summary>A node of one output that reads what the layer reads, without attributes yet.</summary>
    public static NodeProto Simple(Node node, string operation, GraphExport graph) =>
        graph.Emit(node.Name, operation, node.Inputs, node.Output);

    /// <summary>The attributes of a sliding window.</summary>
    public static NodeProto WithWindow(this NodeProto node, Window2d window)
    {
        node.With("kernel_shape", [window.KernelY, window.KernelX])
            .With("strides", [window.StrideY, window.StrideX])
            .With("pads", [window.PadTop, window.PadLeft, window.PadBottom, window.PadRight]);
        return window.DilationY == 1 && window.DilationX == 1 ? node : node.With("dilations", [window.DilationY, window.DilationX]);
    }

    /// <summary>An initializer is an activation in ONNX: whoever reads the constant reads the weight.</summary>
    private static void ExportConstant(Constant constant, GraphExport graph)
    {
        string name = graph.Initializer(constant.Weight, constant.Type);
        LeaveOut(constant, name, graph);
    }

    private static void ExportDropout(Dropout dropout, GraphExport graph) => LeaveOut(dropout, dropout.Input, graph);

    private static void LeaveOut(Node node, string standIn, GraphExport graph)
    {
        graph.ReadInstead(node.Output, standIn);
        if (graph.IsOutput(node.Output))
        {
            // The network's output must keep its name.
            graph.Emit(node.Name, "Identity", [standIn], node.Output);
        }
    }
}
