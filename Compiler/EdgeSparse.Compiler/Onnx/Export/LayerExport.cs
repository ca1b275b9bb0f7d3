using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>Layers with weights in ONNX.</summary>
internal static class LayerExport
{
    public static void Export(WeightedLayer layer, GraphExport graph)
    {
        switch (layer)
        {
            case Linear linear:
                ExportLinear(linear, graph);
                break;
            case Conv2d conv:
                Emit(conv, "Conv", graph).WithWindow(conv.Window).With("group", conv.Groups);
                break;
            case ConvTranspose2d conv:
                NodeProto node = Emit(conv, "ConvTranspose", graph).WithWindow(conv.Window).With("group", conv.Groups);
                if (conv.OutputPadY != 0 || conv.OutputPadX != 0)
                {
                    node.With("output_padding", [conv.OutputPadY, conv.OutputPadX]);
                }

                break;
            default:
                throw new GraphException($"layer '{layer.Name}' ({layer.Operator}) cannot be exported to ONNX");
        }
    }

    private static NodeProto Emit(WeightedLayer layer, string operation, GraphExport graph) =>
        graph.Emit(layer.Name, operation, [layer.Input, .. graph.InitializersOf(layer)], layer.Output);

    private static void ExportLinear(Linear linear, GraphExport graph)
    {
        // Gemm takes matrices only; on more dimensions it is a MatMul by the transposed weight and an Add, which the importer joins.
        if (graph.ShapeOf(linear.Input).Rank == 2)
        {
            Emit(linear, "Gemm", graph).With("transB", 1);
            return;
        }

        ElementType type = graph.TypeOf(linear.Input);
        string weight = graph.TransposedInitializer(linear.Weight, type);
        string product = linear.Bias is null ? linear.Output : graph.FreshName($"{linear.Output}.product");
        graph.Emit(linear.Name, "MatMul", [linear.Input, weight], product);
        if (linear.Bias is not null)
        {
            graph.Emit($"{linear.Name}.bias", "Add", [product, graph.Initializer(linear.Bias, type)], linear.Output);
        }
    }
}
