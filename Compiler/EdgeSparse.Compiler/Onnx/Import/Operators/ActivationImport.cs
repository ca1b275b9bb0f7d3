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

/// <summary>
/// Clip: bounds are attributes before opset 11, inputs from then on. Bounds that are not constant become a maximum and a minimum.
/// </summary>
internal sealed class ClipImport : OperatorImport
{
    public override string Operator => "Clip";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        if (node.Opset >= 11 && (IsComputed(node, graph, 1) || IsComputed(node, graph, 2)))
        {
            ByComputedBounds(node, graph, x);
            return;
        }

        float min = Bound(node, graph, 1, "min", float.MinValue);
        float max = Bound(node, graph, 2, "max", float.MaxValue);
        graph.Emit(node, name => new Clip(name, x, node.Output, min, max));
    }

    private static bool IsComputed(OnnxNode node, GraphImport graph, int input) =>
        node.HasInput(input) && graph.ConstantOrNull(node, input) is null;

    private static void ByComputedBounds(OnnxNode node, GraphImport graph, string x)
    {
        string above = node.HasInput(1) && node.HasInput(2)
            ? graph.Step(node, "min", (name, output) => new Binary(name, x, graph.Activation(node, 1), output, BinaryFunction.Max))
            : x;
        int last = node.HasInput(2) ? 2 : 1;
        string bound = graph.Activation(node, last);
        graph.Emit(node, name => new Binary(name, above, bound, node.Output, last == 2 ? BinaryFunction.Min : BinaryFunction.Max));
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

        double[] values = graph.Constant(node, input, what).Doubles();
        return values.Length == 1 ? (float)values[0] : throw node.Fail($"has {values.Length} values in its {what}; only one is supported");
    }
}

/// <summary>PRelu: with one constant slope a LeakyRelu.</summary>
internal sealed class PReluImport : OperatorImport
{
    public override string Operator => "PRelu";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        if (graph.ConstantOrNull(node, 1) is { ElementCount: 1, IsFloat: true } slope)
        {
            graph.Emit(node, name => new LeakyRelu(name, x, node.Output, slope.Floats()[0]));
        }
        else
        {
            string slopes = graph.Activation(node, 1);
            graph.Emit(node, name => new Binary(name, x, slopes, node.Output, BinaryFunction.PRelu));
        }
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
