using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// Softmax and LogSoftmax. From opset 13 on over one axis; before, over all dimensions from the axis on taken together, so that
/// a reshape to two dimensions goes before and one back after it, unless at most one of them is longer than 1.
/// </summary>
internal sealed class SoftmaxImport(string operation, bool isLogarithm) : OperatorImport
{
    public override string Operator => operation;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        int axis = node.Opset < 13 ? node.Axis("axis", 1, shape.Rank) : node.Axis("axis", -1, shape.Rank);
        int[] longAxes = node.Opset < 13 ? [.. Enumerable.Range(axis, shape.Rank - axis).Where(i => shape[i] != 1)] : [axis];
        if (longAxes.Length < 2)
        {
            int only = longAxes.Length == 1 ? longAxes[0] : axis;
            int written = node.Opset < 13 ? only : (int)node.Integer("axis", -1);
            graph.Emit(node, name => new Softmax(name, x, node.Output, written, isLogarithm));
            return;
        }

        if (axis == 0 && shape.IsBatchSymbolic)
        {
            throw node.Fail($"is over the open batch of {shape}, which is not supported; give a whole input shape");
        }

        int first = shape.IsBatchSymbolic ? TensorShape.Symbolic : Product(shape, 0, axis);
        TensorShape flat = shape.IsBatchSymbolic && axis > 1
            ? new(first, Product(shape, 1, axis), Product(shape, axis, shape.Rank))
            : new(first, Product(shape, axis, shape.Rank));
        string rows = graph.Step(node, "rows", (name, output) => new Reshape(name, x, output, flat));
        string soft = graph.Step(node, "soft", (name, output) => new Softmax(name, rows, output, flat.Rank - 1, isLogarithm));
        graph.Emit(node, name => new Reshape(name, soft, node.Output, shape));
    }

    private static int Product(TensorShape shape, int from, int to)
    {
        int product = 1;
        for (int i = from; i < to; i++)
        {
            product *= shape[i];
        }

        return product;
    }
}
