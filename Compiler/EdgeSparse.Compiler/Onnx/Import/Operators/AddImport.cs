using System.Numerics.Tensors;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Add of two activations, or of a constant that becomes the bias of the product or convolution before it.</summary>
internal sealed class AddImport : OperatorImport
{
    public override string Operator => "Add";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        if (graph.ConstantOrNull(node, 1) is { } right)
        {
            Merge(node, graph, activationInput: 0, right, node.Input(1));
        }
        else if (graph.ConstantOrNull(node, 0) is { } left)
        {
            Merge(node, graph, activationInput: 1, left, node.Input(0));
        }
        else
        {
            string x = graph.Activation(node, 0);
            string y = graph.Activation(node, 1);
            graph.Emit(node, name => new Add(name, x, y, node.Output));
        }
    }

    private static void Merge(OnnxNode node, GraphImport graph, int activationInput, ConstantTensor constant, string constantName)
    {
        string x = graph.Activation(node, activationInput);
        Node? writer = graph.WriterOf(x);

        // Another reader, or another name for the same activation, would see the sum without the constant.
        if (writer is not WeightedLayer layer || graph.ReadsOf(x) != 1 || node.Input(activationInput) != x)
        {
            throw node.Fail(
                $"adds the constant '{constantName}' to '{x}'; that is supported only right after a MatMul, Gemm, Conv or ConvTranspose that nothing else reads");
        }

        int outputs = layer.KernelsOf(graph.WeightOf(layer.Weight).Shape).Outputs;
        float[] values = (layer is Linear
            ? BiasBroadcast.OverLast(constant, outputs, graph.ShapeOf(x).Rank)
            : BiasBroadcast.OverChannels(constant, outputs))
            ?? throw node.Fail(
                $"adds the constant '{constantName}' of shape {ConstantTensor.Describe(constant.Dims)}, which is not one value for each of the {outputs} outputs of '{layer.Name}'");

        if (layer.Bias is { } before)
        {
            TensorPrimitives.Add(values, graph.WeightOf(before).Values.Span, values);
        }

        string bias = graph.AddWeight(node, layer.Bias ?? constantName, new TensorShape(outputs), values);
        graph.Replace(node, x, layer with { Bias = bias, Output = node.Output });
    }
}
