using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using AttributeType = EdgeSparse.Compiler.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>How each layer is said in ONNX.</summary>
internal static class NodeExport
{
    /// <exception cref="GraphException">The layer has no form in this opset.</exception>
    public static void Export(Node node, GraphExport graph)
    {
        switch (node)
        {
            case Linear linear:
                ExportLinear(linear, graph);
                break;
            case Conv2d conv:
                ExportConv(conv, graph);
                break;
            case BatchNorm norm:
                graph.Emit(norm.Name, "BatchNormalization", [norm.Input, .. norm.WeightNames.Select(graph.Initializer)], norm.Output)
                    .With("epsilon", norm.Epsilon);
                break;
            case ConvTranspose2d conv:
                ExportConvTranspose(conv, graph);
                break;
            case Relu or HardSwish or Sigmoid:
                graph.Emit(node.Name, node.Operator, node.Inputs, node.Output);
                break;
            case LeakyRelu leaky:
                graph.Emit(leaky.Name, "LeakyRelu", leaky.Inputs, leaky.Output).With("alpha", leaky.Alpha);
                break;
            case Clip clip:
                ExportClip(clip, graph);
                break;
            case Softmax softmax:
                graph.Emit(softmax.Name, "Softmax", softmax.Inputs, softmax.Output).With("axis", softmax.Axis);
                break;
            case Add add:
                graph.Emit(add.Name, "Add", add.Inputs, add.Output);
                break;
            case Flatten flatten:
                graph.Emit(flatten.Name, "Flatten", flatten.Inputs, flatten.Output).With("axis", flatten.Axis);
                break;
            case MaxPool pool:
                WithWindow(graph.Emit(pool.Name, "MaxPool", pool.Inputs, pool.Output), pool.Window)
                    .With("ceil_mode", pool.CeilMode ? 1 : 0);
                break;
            case AveragePool pool:
                ExportAveragePool(pool, graph);
                break;
            case GlobalAveragePool pool:
                graph.Emit(pool.Name, "GlobalAveragePool", pool.Inputs, pool.Output);
                break;
            case Dropout dropout:
                ExportDropout(dropout, graph);
                break;
            default:
                throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be exported to ONNX");
        }
    }

    private static void ExportLinear(Linear linear, GraphExport graph)
    {
        // Gemm takes matrices only; on more dimensions it is a MatMul by the transposed weight and an Add, which the importer joins.
        if (graph.ShapeOf(linear.Input).Rank == 2)
        {
            graph.Emit(linear.Name, "Gemm", [linear.Input, .. linear.WeightNames.Select(graph.Initializer)], linear.Output)
                .With("transB", 1);
            return;
        }

        string weight = graph.TransposedInitializer(linear.Weight);
        string product = linear.Bias is null ? linear.Output : graph.FreshName($"{linear.Output}.product");
        graph.Emit(linear.Name, "MatMul", [linear.Input, weight], product);
        if (linear.Bias is not null)
        {
            graph.Emit($"{linear.Name}.bias", "Add", [product, graph.Initializer(linear.Bias)], linear.Output);
        }
    }

    private static void ExportConv(Conv2d conv, GraphExport graph)
    {
        NodeProto node = graph.Emit(conv.Name, "Conv", [conv.Input, .. conv.WeightNames.Select(graph.Initializer)], conv.Output);
        WithWindow(node, conv.Window).With("group", conv.Groups);
    }

    private static void ExportConvTranspose(ConvTranspose2d conv, GraphExport graph)
    {
        NodeProto node = graph.Emit(conv.Name, "ConvTranspose", [conv.Input, .. conv.WeightNames.Select(graph.Initializer)], conv.Output);
        WithWindow(node, conv.Window).With("group", conv.Groups);
        if (conv.OutputPadY != 0 || conv.OutputPadX != 0)
        {
            node.With("output_padding", conv.OutputPadY, conv.OutputPadX);
        }
    }

    private static void ExportClip(Clip clip, GraphExport graph)
    {
        // A bound that is left out is the least or largest number; an empty name leaves out what is not the last.
        string min = clip.Min == float.MinValue ? "" : graph.Scalar($"{clip.Name}.min", clip.Min);
        string[] max = clip.Max == float.MaxValue ? [] : [graph.Scalar($"{clip.Name}.max", clip.Max)];
        graph.Emit(clip.Name, "Clip", min.Length + max.Length == 0 ? clip.Inputs : [clip.Input, min, .. max], clip.Output);
    }

    private static void ExportAveragePool(AveragePool pool, GraphExport graph)
    {
        if (pool.Window.DilationY != 1 || pool.Window.DilationX != 1)
        {
            throw new GraphException(
                $"layer '{pool.Name}' (AveragePool) is dilated, which ONNX opset {OnnxExporter.Opset} cannot say");
        }

        WithWindow(graph.Emit(pool.Name, "AveragePool", pool.Inputs, pool.Output), pool.Window)
            .With("ceil_mode", pool.CeilMode ? 1 : 0)
            .With("count_include_pad", pool.CountIncludePad ? 1 : 0);
    }

    private static void ExportDropout(Dropout dropout, GraphExport graph)
    {
        graph.ReadInstead(dropout.Output, dropout.Input);
        if (graph.IsOutput(dropout.Output))
        {
            // The network's output must keep its name.
            graph.Emit(dropout.Name, "Identity", dropout.Inputs, dropout.Output);
        }
    }

    private static NodeProto WithWindow(NodeProto node, Window2d window)
    {
        node.With("kernel_shape", window.KernelY, window.KernelX)
            .With("strides", window.StrideY, window.StrideX)
            .With("pads", window.PadTop, window.PadLeft, window.PadBottom, window.PadRight);
        return window.DilationY == 1 && window.DilationX == 1 ? node : node.With("dilations", window.DilationY, window.DilationX);
    }

    private static NodeProto With(this NodeProto node, string name, long value)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeType.Int, I = value });
        return node;
    }

    private static NodeProto With(this NodeProto node, string name, float value)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeType.Float, F = value });
        return node;
    }

    private static NodeProto With(this NodeProto node, string name, params long[] values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Ints };
        attribute.Ints.Add(values);
        node.Attribute.Add(attribute);
        return node;
    }
}
