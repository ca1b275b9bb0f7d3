using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Fully connected layers: one row is a product of a matrix and a vector. Many rows are pixels of a map that has a channel a
/// feature, and the layer is a 1×1 convolution of it; of few rows each is a product of its own.
/// </summary>
internal static class LinearLowering
{
    /// <summary>From here on rows fill a vector's lanes well enough.</summary>
    private const int ManyRows = 8;

    public static void Lower(Lowering to, Linear node)
    {
        TensorShape x = to.ShapeOf(node.Input);
        TensorShape shape = to.ShapeOf(node);
        (int inputs, int outputs) = (x[x.Rank - 1], shape[shape.Rank - 1]);
        int rows = x.ElementCount / inputs;
        if (rows == 1)
        {
            to.Emit(node with { Input = to.Get(node.Input) }, shape, node.Name);
        }
        else if (rows >= ManyRows)
        {
            AsConvolution(to, node, rows, inputs, outputs);
        }
        else
        {
            RowByRow(to, node, rows, inputs, outputs);
        }
    }

    private static void AsConvolution(Lowering to, Linear node, int rows, int inputs, int outputs)
    {
        string features = to.Fresh(node.Name, "features");
        to.Move(node.Input, Movement.Transposed([rows, inputs], 1, 0), features, new TensorShape(1, inputs, 1, rows), node.Name);
        string kernel = to.Fresh(node.Weight, "1x1");
        to.AddWeight(kernel, new TensorShape(outputs, inputs, 1, 1), to.WeightOf(node.Weight).Values.Span);
        string product = to.Emit(
            new Conv2d(node.Name, to.Get(features), to.Fresh(node.Name, "product"), kernel, node.Bias, Window2d.Square(1), 1),
            new TensorShape(1, outputs, 1, rows), node.Name);
        to.Move(product, Movement.Transposed([outputs, rows], 1, 0), node.Output, to.ShapeOf(node), node.Name);
    }

    private static void RowByRow(Lowering to, Linear node, int rows, int inputs, int outputs)
    {
        var parts = ImmutableArray.CreateBuilder<MapPart>(rows);
        for (int row = 0; row < rows; row++)
        {
            string features = to.Fresh(node.Name, $"features{row}");
            to.Move(node.Input, Movement.Along([rows, inputs], 0, [row]), features, new TensorShape(1, inputs), node.Name);
            Linear one = node with { Name = to.Fresh(node.Name, $"row{row}"), Input = to.Get(features), Output = to.Fresh(node.Output, $"row{row}") };
            string product = to.Emit(one, new TensorShape(1, outputs), node.Name);
            parts.Add(MapPart.Whole(product, SeparableMap.Identity([outputs])) with { Offset = row * outputs });
        }

        to.Define(node.Output, to.ShapeOf(node), new Joined(parts.MoveToImmutable()), node.Name);
    }
}
