using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Products of matrices none of which is a weight.</summary>
internal static class MatMulLowering
{
    public static void Lower(Lowering to, MatMul node)
    {
        TensorShape shape = to.ShapeOf(node);
        ImmutableArray<int> left = to.ShapeOf(node.Left).Dims;
        ImmutableArray<int> right = to.ShapeOf(node.Right).Dims;

        // A vector is a matrix of one row on the left, of one column on the right, and the result loses that dimension.
        ImmutableArray<int> x = left.Length == 1 ? [1, .. left] : left;
        ImmutableArray<int> y = right.Length == 1 ? [.. right, 1] : right;
        (int m, int k, int n) = (x[^2], x[^1], y[^1]);
        ImmutableArray<int> repeated = shape.Dims[..(Math.Max(x.Length, y.Length) - 2)];
        int[] dims = StepParameters.Broadcast(node.Name, repeated, x[..^2], y[..^2]);
        for (int d = 0; d < dims[0]; d++)
        {
            dims[2 + (3 * d)] *= m * k;
            dims[3 + (3 * d)] *= k * n;
        }

        to.Emit(
            new PlanarStep(node.Name, [to.Get(node.Left), to.Get(node.Right)], node.Output, OperationKind.MatMul, StepParameters.Of([m, k, n, .. dims])),
            shape, node.Name);
    }
}
