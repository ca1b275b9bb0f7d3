using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Operators that only move elements.</summary>
internal static class MovementLowering
{
    /// <exception cref="PackingException">The node is of no kind that blobs can hold.</exception>
    public static void Lower(Lowering to, Node node)
    {
        string input = node.Inputs[0];
        TensorShape x = to.ShapeOf(input);
        TensorShape shape = to.ShapeOf(node);
        Movement movement = node switch
        {
            Reshape or Flatten => new Movement(x.Dims, [.. x.Dims.Select((length, d) => new MovementAxis(d, length, null))]),
            Transpose n => Movement.Transposed(x.Dims, n.Permutation),
            Slice n => Sliced(n, x.Dims),
            Pad n => Padded(n, x.Dims),
            Expand => Expanded(x.Dims, shape.Dims),
            Gather n => Movement.Along(x.Dims, n.Axis, [.. n.Indices]),
            DepthToSpace n => DepthToSpaced(n, x),
            SpaceToDepth n => SpaceToDepthed(n, x),
            _ => throw new PackingException($"layer '{node.Name}' ({node.Operator}) has no place in a blob"),
        };
        to.Move(input, movement, node.Output, shape, node.Name, node is Pad { Mode: PadMode.Constant } pad ? pad.Value : 0);
    }

    private static Movement Sliced(Slice node, ImmutableArray<int> dims) => new(
        dims,
        [
            .. node.Ranges.Select((range, d) => range.Length == TensorShape.Symbolic || (range == SliceRange.Whole(dims[d]))
                ? new MovementAxis(d, dims[d], null)
                : new MovementAxis(d, range.Length, [.. Enumerable.Range(0, range.Length).Select(i => range.Start + (i * range.Step))])),
        ]);

    private static Movement Padded(Pad node, ImmutableArray<int> dims) => new(
        dims,
        [
            .. dims.Select((length, d) => node.Before[d] == 0 && node.After[d] == 0
                ? new MovementAxis(d, length, null)
                : new MovementAxis(d, node.Before[d] + length + node.After[d], PlacesOf(node.Mode, node.Before[d], length, node.After[d]))),
        ]);

    private static int[] PlacesOf(PadMode mode, int before, int length, int after) =>
    [
        .. Enumerable.Range(-before, before + length + after).Select(i => mode switch
        {
            _ when i >= 0 && i < length => i,
            PadMode.Constant => SeparableMap.Fill,
            PadMode.Edge => Math.Clamp(i, 0, length - 1),
            PadMode.Wrap => ((i % length) + length) % length,
            _ => Mirrored(i, length),
        }),
    ];

    /// <summary>Back and forth between the ends, neither repeated.</summary>
    private static int Mirrored(int i, int length)
    {
        int period = Math.Max(1, 2 * (length - 1));
        int place = ((i % period) + period) % period;
        return place < length ? place : period - place;
    }

    private static Movement Expanded(ImmutableArray<int> dims, ImmutableArray<int> result)
    {
        int missing = result.Length - dims.Length;
        return new Movement(
            dims,
            [
                .. result.Select((length, d) => d < missing || dims[d - missing] != length
                    ? new MovementAxis(-1, length, null)
                    : new MovementAxis(d - missing, length, null)),
            ]);
    }

    private static Movement DepthToSpaced(DepthToSpace node, TensorShape x)
    {
        int b = node.Block;
        int channels = x[1] / (b * b);
        return node.ColumnRowDepth
            ? Movement.Transposed([x[0], channels, b, b, x[2], x[3]], 0, 1, 4, 2, 5, 3)
            : Movement.Transposed([x[0], b, b, channels, x[2], x[3]], 0, 3, 4, 1, 5, 2);
    }

    private static Movement SpaceToDepthed(SpaceToDepth node, TensorShape x)
    {
        int b = node.Block;
        return Movement.Transposed([x[0], x[1], x[2] / b, b, x[3] / b, b], 0, 3, 5, 1, 2, 4);
    }
}
