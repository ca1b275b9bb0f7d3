using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Conv with constant weight and bias, two-dimensional.</summary>
internal sealed class ConvImport : OperatorImport
{
    public override string Operator => "Conv";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        ConstantTensor weight = graph.Constant(node, 1, "weight");
        if (weight.Dims.Length != 4)
        {
            throw node.Fail($"has a weight {ConstantTensor.Describe(weight.Dims)}; only two-dimensional convolutions (rank 4) are supported");
        }

        Window2d window = WindowAttributes.Read(node, graph.ShapeOf(x), (weight.Dims[2], weight.Dims[3]));
        int groups = node.Integer("group", 1, 1, int.MaxValue);
        string w = graph.AddWeight(node, node.Input(1), new TensorShape(weight.Dims.AsSpan()), weight.Floats());
        string? bias = node.HasInput(2) ? BiasOf(node, graph, weight.Dims[0]) : null;
        graph.Emit(node, name => new Conv2d(name, x, node.Output, w, bias, window, groups));
    }

    /// <summary>The bias of a Conv or ConvTranspose, its input 2.</summary>
    public static string BiasOf(OnnxNode node, GraphImport graph, int outputs)
    {
        ConstantTensor bias = graph.Constant(node, 2, "bias");
        return bias.Dims.Length == 1 && bias.Dims[0] == outputs
            ? graph.AddWeight(node, node.Input(2), new TensorShape(outputs), bias.Floats())
            : throw node.Fail($"has a bias {ConstantTensor.Describe(bias.Dims)} for {outputs} outputs");
    }
}
