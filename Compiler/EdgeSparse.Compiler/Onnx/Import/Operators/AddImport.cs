using System.Numerics.Tensors;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Add: a constant of one value an output right after a product or convolution that nothing else reads becomes its bias.</summary>
internal sealed class AddImport : OperatorImport
{
    public override string Operator => "Add";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        if (!EmptyConstants.TryDefine(node, graph) && !TryMerge(node, graph, activationInput: 0, constantInput: 1) && !TryMerge(node, graph, activationInput: 1, constantInput: 0))
        {
            Sum(node, graph, graph.Activation(node, 0), graph.Activation(node, 1));
        }
    }

    /// <summary>The sum of two activations, written to the node's output.</summary>
    public static void Sum(OnnxNode node, GraphImport graph, string x, string y) => graph.Emit(
        node, name => graph.ShapeOf(x) == graph.ShapeOf(y) ? new Add(name, x, y, node.Output) : new Binary(name, x, y, node.Output, BinaryFunction.Add));

    private static bool TryMerge(OnnxNode node, GraphImport graph, int activationInput, int constantInput)
    {
        if (graph.ConstantOrNull(node, constantInput) is not { IsFloat: true } constant || graph.ConstantOrNull(node, activationInput) is not null)
        {
            return false;
        }

        // Another reader, or another name for the same activation, would see the sum without the constant.
        string x = graph.Activation(node, activationInput);
        if (graph.WriterOf(x) is not WeightedLayer layer || graph.ReadsOf(x) != 1 || node.Input(activationInput) != x)
        {
            return false;
        }

        int outputs = layer.KernelsOf(graph.WeightOf(layer.Weight).Shape).Outputs;
        float[]? values = layer is Linear
            ? BiasBroadcast.OverLast(constant, outputs, graph.ShapeOf(x).Rank)
            : BiasBroadcast.OverChannels(constant, outputs);
        if (values is null || !Array.TrueForAll(values, float.IsFinite))
        {
            return false;
        }

        if (layer.Bias is { } before)
        {
            TensorPrimitives.Add(values, graph.WeightOf(before).Values.Span, values);
        }

        string bias = graph.AddWeight(node, layer.Bias ?? node.Input(constantInput), new TensorShape(outputs), values);
        graph.Replace(node, x, layer with { Bias = bias, Output = node.Output });
        return true;
    }
}
