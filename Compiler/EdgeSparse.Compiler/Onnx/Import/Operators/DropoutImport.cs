using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Dropout, kept for later training; at inference it does nothing, and its mask is true everywhere.</summary>
internal sealed class DropoutImport : OperatorImport
{
    public override string Operator => "Dropout";

    public override bool HasSeveralOutputs => true;

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
        string mask = node.OutputAt(1);
        if (mask.Length > 0 && graph.ReadsOf(mask) > 0)
        {
            ElementType type = node.Opset < 10 ? graph.TypeOf(x) : ElementType.Bool;
            ConstantTensor one = ElementTypes.IsFloat(type) ? ConstantTensor.Of([], type, [1f]) : ConstantTensor.Of([], type, [1L]);
            graph.Define(node, graph.Repeated(one, Fixed(node, graph.ShapeOf(x)).Dims), output: 1);
        }
    }

    private static TensorShape Fixed(OnnxNode node, TensorShape shape) => shape.IsBatchSymbolic
        ? throw node.Fail($"writes a mask of the open batch of {shape}; give a whole input shape (--input-shape)")
        : shape;

    private static float RatioInput(OnnxNode node, GraphImport graph)
    {
        float ratio = node.HasInput(1) ? (float)Scalar(node, graph.Constant(node, 1, "ratio").Doubles()) : 0.5f;
        return node.HasInput(2) && Scalar(node, graph.Constant(node, 2, "training_mode").Doubles()) != 0 && ratio != 0
            ? throw node.Fail("is in training mode, which is not supported")
            : ratio;
    }

    private static double Scalar(OnnxNode node, double[] values) =>
        values.Length == 1 ? values[0] : throw node.Fail($"has {values.Length} values where one is needed");
}
