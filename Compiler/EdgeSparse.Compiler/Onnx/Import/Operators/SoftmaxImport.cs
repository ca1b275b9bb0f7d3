using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// Softmax. From opset 13 on over one axis; before, over all dimensions from the axis on taken together, which is supported
/// where at most one of them is longer than 1.
/// </summary>
internal sealed class SoftmaxImport : OperatorImport
{
    public override string Operator => "Softmax";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        int axis = node.Integer("axis", node.Opset < 13 ? 1 : -1, -shape.Rank, shape.Rank - 1);
        if (node.Opset < 13)
        {
            axis = OnlyLongAxis(node, shape, axis < 0 ? axis + shape.Rank : axis);
        }

        graph.Emit(node, name => new Softmax(name, x, node.Output, axis));
    }

    private static int OnlyLongAxis(OnnxNode node, TensorShape shape, int from)
    {
        int[] longAxes = [.. Enumerable.Range(from, shape.Rank - from).Where(i => shape[i] != 1)];
        return longAxes.Length switch
        {
            0 => from,
            1 => longAxes[0],
            _ => throw node.Fail($"is over dimensions {from} to {shape.Rank - 1} of {shape} together; only one dimension is supported"),
        };
    }
}
