using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Relu.</summary>
internal sealed class ReluImport : OperatorImport
{
    public override string Operator => "Relu";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        graph.Emit(node, name => new Relu(name, x, node.Output));
    }
}

/// <summary>LeakyRelu.</summary>
internal sealed class LeakyReluImport : OperatorImport
{
    public override string Operator => "LeakyRelu";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        float alpha = node.Float("alpha", 0.01f);
        graph.Emit(node, name => new LeakyRelu(name, x, node.Output, alpha));
    }
}

/// <summary>Clip with constant bounds: attributes before opset 11, inputs from then on.</summary>
internal sealed class ClipImport : OperatorImport
{
    public override string Operator => "Clip";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        float min = Bound(node, graph, 1, "min", float.MinValue);
        float max = Bound(node, graph, 2, "max", float.MaxValue);
        graph.Emit(node, name => new Clip(name, x, node.Output, min, max));
    }

    private static float Bound(OnnxNode node, GraphImport graph, int input, string what, float absent)
    {
        if (node.Opset < 11)
        {
            return node.Float(what, absent);
        }

        if (!node.HasInput(input))
        {
            return absent;
        }

        float[] values = graph.Constant(node, input, what).Floats();
        return values.Length == 1 ? values[0] : throw node.Fail($"has {values.Length} values in its {what}; only one is supported");
    }
}

/// <summary>HardSwish, which opset 14 brought.</summary>
internal sealed class HardSwishImport : OperatorImport
{
    public override string Operator => "HardSwish";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        if (node.Opset < 14)
        {
            throw node.Fail("is an operator of opset 14; only from there on is it supported");
        }

        string x = graph.Activation(node, 0);
        graph.Emit(node, name => new HardSwish(name, x, node.Output));
    }
}

/// <summary>Sigmoid.</summary>
internal sealed class SigmoidImport : OperatorImport
{
    public override string Operator => "Sigmoid";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        graph.Emit(node, name => new Sigmoid(name, x, node.Output));
    }
}
