using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Gemm of an activation with a constant right side: alpha · A · B + beta · C.</summary>
internal sealed class GemmImport : OperatorImport
{
    public override string Operator => "Gemm";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        if (graph.ShapeOf(x).Rank != 2)
        {
            throw node.Fail($"has an input of shape {graph.ShapeOf(x)}; it must have two dimensions");
        }

        node.Require("transA", only: 0, absent: 0);
        float alpha = node.Float("alpha", 1f);
        float beta = node.Float("beta", 1f);
        ConstantTensor right = graph.Constant(node, 1, "right side");
        string weight = LinearWeight.Add(node, graph, node.Input(1), right, isOutByIn: node.Flag("transB"), alpha);
        int outputs = graph.WeightOf(weight).Shape[0];
        string? bias = node.HasInput(2) ? BiasOf(node, graph, outputs, beta) : null;
        graph.Emit(node, name => new Linear(name, x, node.Output, weight, bias));
    }

    private static string BiasOf(OnnxNode node, GraphImport graph, int outputs, float beta)
    {
        ConstantTensor c = graph.Constant(node, 2, "bias");
        float[] values = BiasBroadcast.OverLast(c, outputs, outputRank: 2)
            ?? throw node.Fail($"has a bias {ConstantTensor.Describe(c.Dims)}; only one value for each of the {outputs} outputs is supported");
        LinearWeight.Scale(values, beta);
        return graph.AddWeight(node, node.Input(2), new TensorShape(outputs), values);
    }
}
