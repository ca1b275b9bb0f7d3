using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>Operators that only move elements. A symbolic batch is whatever the samples are.</summary>
internal static class TorchMovement
{
    public static Tensor Run(Node node, Tensor x) => node switch
    {
        // Torch, like the shape, takes -1 for what follows from the rest.
        Reshape reshape => x.reshape([.. reshape.Shape.Dims.Select(d => (long)d)]),
        Transpose transpose => x.permute([.. transpose.Permutation.Select(p => (long)p)]),
        Slice slice => Cut(slice, x),
        Pad pad => Padded(pad, x),
        Expand expand => x.broadcast_to([.. expand.Shape.Dims.Select(d => d == TensorShape.Symbolic ? x.shape[0] : d)]),
        Gather gather => Gathered(gather, x),
        DepthToSpace move => DepthToSpace(move, x),
        SpaceToDepth move => SpaceToDepth(move.Block, x),
        Resize resize => TorchResize.Run(resize, x),
        _ => throw new TrainingException($"layer '{node.Name}': the operator {node.Operator} cannot be trained"),
    };

    private static Tensor Cut(Slice slice, Tensor x)
    {
        for (int axis = 0; axis < slice.Ranges.Length; axis++)
        {
            (int start, int step, int length) = slice.Ranges[axis];
            if (length == TensorShape.Symbolic || (start == 0 && step == 1 && length == x.shape[axis]))
            {
                continue;
            }

            x = step > 0
                ? x.slice(axis, start, start + (((long)length - 1) * step) + 1, step)
                : Chosen(x, axis, [.. Enumerable.Range(0, length).Select(i => (long)start + ((long)i * step))]);
        }

        return x;
    }

    private static Tensor Padded(Pad pad, Tensor x)
    {
        for (int axis = 0; axis < pad.Before.Length; axis++)
        {
            (int before, int after) = (pad.Before[axis], pad.After[axis]);
            if (before + after == 0)
            {
                continue;
            }

            long length = x.shape[axis];
            if (pad.Mode != PadMode.Constant)
            {
                x = Chosen(x, axis, [.. Enumerable.Range(0, (int)(before + length + after)).Select(i => SourceOf(i - before, length, pad.Mode))]);
                continue;
            }

            long[] shape = [.. x.shape];
            Tensor Filled(int count)
            {
                shape[axis] = count;
                return full(shape, pad.Value, x.dtype, x.device);
            }

            x = cat([Filled(before), x, Filled(after)], axis);
        }

        return x;
    }

    /// <summary>Where a place outside a dimension takes its element from.</summary>
    private static long SourceOf(long place, long length, PadMode mode) => mode switch
    {
        PadMode.Reflect => place < 0 ? -place : place >= length ? (2 * (length - 1)) - place : place,
        PadMode.Wrap => ((place % length) + length) % length,
        _ => Math.Clamp(place, 0, length - 1),
    };

    private static Tensor Gathered(Gather gather, Tensor x)
    {
        Tensor chosen = Chosen(x, gather.Axis, [.. gather.Indices.Select(i => (long)i)]);
        return chosen.reshape([.. x.shape[..gather.Axis], .. gather.IndexShape.Dims.Select(d => (long)d), .. x.shape[(gather.Axis + 1)..]]);
    }

    /// <param name="gather">The layer.</param>
    /// <param name="x">What is taken from.</param>
    /// <param name="indices">Whole numbers, negative ones from the end.</param>
    public static Tensor Run(GatherAt gather, Tensor x, Tensor indices)
    {
        Tensor places = indices.to(ScalarType.Int64).flatten();
        places = where(places.lt(0), places + x.shape[gather.Axis], places);
        return x.index_select(gather.Axis, places).reshape([.. x.shape[..gather.Axis], .. indices.shape, .. x.shape[(gather.Axis + 1)..]]);
    }

    private static Tensor Chosen(Tensor x, int axis, long[] indices) => x.index_select(axis, tensor(indices, device: x.device));

    private static Tensor DepthToSpace(DepthToSpace node, Tensor x)
    {
        (long n, long rows, long columns, long b) = (x.shape[0], x.shape[2], x.shape[3], node.Block);
        long channels = x.shape[1] / (b * b);
        Tensor blocks = node.ColumnRowDepth
            ? x.reshape(n, channels, b, b, rows, columns).permute(0, 1, 4, 2, 5, 3)
            : x.reshape(n, b, b, channels, rows, columns).permute(0, 3, 4, 1, 5, 2);
        return blocks.reshape(n, channels, rows * b, columns * b);
    }

    private static Tensor SpaceToDepth(long b, Tensor x)
    {
        (long n, long channels, long rows, long columns) = (x.shape[0], x.shape[1], x.shape[2] / b, x.shape[3] / b);
        return x.reshape(n, channels, rows, b, columns, b).permute(0, 3, 5, 1, 2, 4).reshape(n, b * b * channels, rows, columns);
    }
}
