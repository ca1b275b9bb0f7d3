using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Identity, which leaves no trace in the graph.</summary>
internal sealed class IdentityImport : OperatorImport
{
    public override string Operator => "Identity";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        if (graph.ConstantOrNull(node, 0) is { } constant)
        {
            graph.Define(node, constant);
        }
        else
        {
            graph.Alias(node, graph.Activation(node, 0));
        }
    }
}

/// <summary>Dropout, kept for later training; at inference it does nothing.</summary>
internal sealed class DropoutImport : OperatorImport
{
    public override string Operator => "Dropout";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        node.Ignore("seed");
        float ratio = node.Opset < 12 ? node.Float("ratio", 0.5f) : RatioInput(node, graph);
        if (!(ratio is >= 0f and < 1f))
        {
            throw node.Fail($"has the ratio {ratio}; it must be 0 or more and below 1");
        }

        graph.Emit(node, name => new Dropout(name, x, node.Output, ratio));
    }

    private static float RatioInput(OnnxNode node, GraphImport graph)
    {
        if (node.HasInput(2) && Scalar(node, graph.Constant(node, 2, "training_mode").Integers()) != 0)
        {
            throw node.Fail("is in training mode, which is not supported");
        }

        return node.HasInput(1) ? Scalar(node, graph.Constant(node, 1, "ratio").Floats()) : 0.5f;
    }

    private static T Scalar<T>(OnnxNode node, T[] values) =>
        values.Length == 1 ? values[0] : throw node.Fail($"has {values.Length} values where one is needed");
}
