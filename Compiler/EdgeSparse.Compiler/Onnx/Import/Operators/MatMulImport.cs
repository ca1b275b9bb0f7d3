using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// MatMul: with a constant matrix on the right a Linear, whose bias an Add of a constant after it becomes
/// (<see cref="AddImport"/>); else a product of two activations. Vectors are rows on the left and columns on the right.
/// </summary>
internal sealed class MatMulImport : OperatorImport
{
    public override string Operator => "MatMul";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        if (graph.ConstantOrNull(node, 1) is { IsFloat: true, Dims.Length: 2 } right && graph.ConstantOrNull(node, 0) is null)
        {
            string activation = graph.Activation(node, 0);
            string weight = LinearWeight.Add(node, graph, node.Input(1), right, isOutByIn: false, scale: 1f);
            graph.Emit(node, name => new Linear(name, activation, node.Output, weight, Bias: null));
            return;
        }

        string x = graph.Activation(node, 0);
        string y = graph.Activation(node, 1);
        TensorShape left = graph.ShapeOf(x);
        TensorShape rightShape = graph.ShapeOf(y);
        if (left.Rank >= 2 && rightShape.Rank >= 2)
        {
            graph.Emit(node, name => new MatMul(name, x, y, node.Output));
            return;
        }

        if (left.Rank == 0 || rightShape.Rank == 0)
        {
            throw node.Fail($"multiplies {left} by {rightShape}; neither may be a scalar");
        }

        string row = left.Rank == 1 ? SpatialDimensions.Reshaped(node, graph, "row", x, new TensorShape(1, left[0])) : x;
        string column = rightShape.Rank == 1 ? SpatialDimensions.Reshaped(node, graph, "column", y, new TensorShape(rightShape[0], 1)) : y;
        string product = graph.Step(node, null, (name, output) => new MatMul(name, row, column, output));
        TensorShape shape = graph.ShapeOf(product);
        int[] kept = [
            .. shape.Dims[..^2],
            .. left.Rank == 1 ? Array.Empty<int>() : [shape[shape.Rank - 2]],
            .. rightShape.Rank == 1 ? Array.Empty<int>() : [shape[shape.Rank - 1]]];
        graph.Emit(node, "vector", name => new Reshape(name, product, node.Output, new TensorShape(kept)));
    }
}
