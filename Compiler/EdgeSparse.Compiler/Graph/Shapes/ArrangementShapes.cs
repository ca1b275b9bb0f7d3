namespace EdgeSparse.Compiler.Graphs;

/// <summary>Shapes of what keeps all elements and only arranges or repeats them.</summary>
internal static class ArrangementShapes
{
    public static TensorShape Infer(Node node, TensorShape x) => node switch
    {
        Flatten flatten => OfFlatten(flatten, x),
        Reshape reshape => OfReshape(reshape, x),
        Transpose transpose => OfTranspose(transpose, x),
        Expand expand => OfExpand(expand, x),
        DepthToSpace depth => OfDepthToSpace(depth, x),
        SpaceToDepth space => OfSpaceToDepth(space, x),
        _ => throw ShapeInference.Wrong(node, "has no shape rule"),
    };

    private static TensorShape OfFlatten(Flatten node, TensorShape x)
    {
        int axis = node.Axis < 0 ? node.Axis + x.Rank : node.Axis;
        if (x.Rank == 0)
        {
            throw ShapeInference.Wrong(node, "needs an input with a batch dimension, got a scalar");
        }

        if (axis != 1)
        {
            throw ShapeInference.Wrong(node, $"has the axis {node.Axis}; only 1 is supported, so that a sample stays in its row");
        }

        return new TensorShape(x[0], x.ElementCount / (x.IsBatchSymbolic ? 1 : x[0]));
    }

    private static TensorShape OfReshape(Reshape node, TensorShape x) =>
        x.ElementCount == node.Shape.ElementCount && x.IsBatchSymbolic == node.Shape.IsBatchSymbolic
            ? node.Shape
            : throw ShapeInference.Wrong(node, $"makes {node.Shape} of {x}, which has other elements"
                + (x.IsBatchSymbolic != node.Shape.IsBatchSymbolic ? " or another batch" : ""));

    private static TensorShape OfTranspose(Transpose node, TensorShape x)
    {
        if (node.Permutation.Length != x.Rank || !node.Permutation.Order().SequenceEqual(Enumerable.Range(0, x.Rank)))
        {
            throw ShapeInference.Wrong(node, $"has the permutation {string.Join(", ", node.Permutation)} for an input of shape {x}");
        }

        if (x.IsBatchSymbolic && node.Permutation[0] != 0)
        {
            throw ShapeInference.Wrong(node, $"moves the open batch of {x} to another place; give a fixed shape");
        }

        return new TensorShape([.. node.Permutation.Select(p => x[p])]);
    }

    private static TensorShape OfExpand(Expand node, TensorShape x) =>
        Broadcasting.Of(x, node.Shape) == node.Shape
            ? node.Shape
            : throw ShapeInference.Wrong(node, $"cannot expand {x} to {node.Shape}");

    private static TensorShape OfDepthToSpace(DepthToSpace node, TensorShape x)
    {
        if (x.Rank != 4 || node.Block < 1 || x[1] % ((long)node.Block * node.Block) != 0)
        {
            throw ShapeInference.Wrong(node, $"has blocks of {node.Block} for an input of shape {x}");
        }

        return ShapeInference.Shape(node, x[0], x[1] / node.Block / node.Block, (long)x[2] * node.Block, (long)x[3] * node.Block);
    }

    private static TensorShape OfSpaceToDepth(SpaceToDepth node, TensorShape x)
    {
        if (x.Rank != 4 || node.Block < 1 || x[2] % node.Block != 0 || x[3] % node.Block != 0)
        {
            throw ShapeInference.Wrong(node, $"has blocks of {node.Block} for an input of shape {x}");
        }

        return ShapeInference.Shape(node, x[0], (long)x[1] * node.Block * node.Block, x[2] / node.Block, x[3] / node.Block);
    }
}
