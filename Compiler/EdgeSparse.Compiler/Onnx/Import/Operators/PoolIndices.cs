using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// Where in the whole input each maximum of a MaxPool lies: the taps of the window side by side, the index of the largest of them,
/// and from it the row-major place, ((n·C + c)·H + y)·W + x; or with H and W the other way round.
/// </summary>
internal static class PoolIndices
{
    // Up to here fp32 counts exactly.
    private const long MostPlaces = 1 << 24;

    /// <param name="node">The MaxPool; its second output is written.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="x">Its input as N×C×H×W.</param>
    /// <param name="rank">Dimensions of the input in the file; 3 for rows alone.</param>
    /// <param name="window">The window.</param>
    /// <param name="ceilMode">As in <see cref="MaxPool"/>.</param>
    /// <param name="columnsFirst">Places are counted down the columns.</param>
    /// <exception cref="OnnxFormatException">The batch is open, or places are more than fp32 counts.</exception>
    public static void Emit(OnnxNode node, GraphImport graph, string x, int rank, Window2d window, bool ceilMode, bool columnsFirst)
    {
        TensorShape shape = graph.ShapeOf(x);
        if (shape.IsBatchSymbolic)
        {
            throw node.Fail($"gives indices into an open batch of {shape}; give a whole input shape (--input-shape)");
        }

        if (shape.ElementCount > MostPlaces)
        {
            throw node.Fail($"gives indices into {shape.ElementCount} elements; at most {MostPlaces} are supported");
        }

        (int rows, int columns) = (window.OutputRows(shape[2], ceilMode), window.OutputColumns(shape[3], ceilMode));
        string taps = Taps(node, graph, x, window, rows, columns);
        string tap = graph.Step(node, "tap", (name, output) => new ArgExtreme(name, taps, output, true, 2, KeepDimensions: false, SelectLast: false));
        (int down, int right) = columnsFirst ? (1, shape[2]) : (shape[3], 1);
        (down, right) = (down * window.DilationY, right * window.DilationX);

        // tap = ky·KW + kx, so that ky·down + kx·right = tap·right + ky·(down − KW·right).
        string Number(string part, long value) => graph.Activation(node, $"{node.Name}/{part}", ConstantTensor.Of([], ElementType.Int64, [value]));
        string Of(string part, string left, string operand, BinaryFunction function) =>
            graph.Step(node, part, (name, output) => new Binary(name, left, operand, output, function));
        string row = Of("row", tap, Number("width", window.KernelX), BinaryFunction.IntegerDiv);
        string rowsDown = Of("down", row, Number("step-down", down - ((long)window.KernelX * right)), BinaryFunction.Mul);
        string steps = Of("right", tap, Number("step-right", right), BinaryFunction.Mul);
        string within = Of("within", rowsDown, steps, BinaryFunction.Add);
        string start = graph.Activation(node, $"{node.Name}/start", Starts(node, graph, shape, window, rows, columns, columnsFirst));
        if (rank != 3)
        {
            graph.Emit(node, "indices", name => new Binary(name, within, start, node.OutputAt(1), BinaryFunction.Add));
            return;
        }

        string places = Of("places", within, start, BinaryFunction.Add);
        graph.Emit(node, "indices", name => new Reshape(name, places, node.OutputAt(1), new TensorShape(shape[0], shape[1], columns)));
    }

    /// <summary>What each place of the window sees, N×C×taps×rows×columns; −∞ beyond the map.</summary>
    private static string Taps(OnnxNode node, GraphImport graph, string x, Window2d window, int rows, int columns)
    {
        TensorShape shape = graph.ShapeOf(x);
        int Missing(int outputs, int stride, int kernel, int dilation, int before, int length) =>
            Math.Max(0, ((outputs - 1) * stride) + ((kernel - 1) * dilation) + 1 - before - length);
        int below = Missing(rows, window.StrideY, window.KernelY, window.DilationY, window.PadTop, shape[2]);
        int beyond = Missing(columns, window.StrideX, window.KernelX, window.DilationX, window.PadLeft, shape[3]);
        string padded = graph.Step(node, "pad", (name, output) => new Pad(
            name, x, output, [0, 0, window.PadTop, window.PadLeft], [0, 0, below, beyond], PadMode.Constant, float.NegativeInfinity));
        var taps = ImmutableArray.CreateBuilder<string>(window.KernelY * window.KernelX);
        for (int i = 0; i < window.KernelY * window.KernelX; i++)
        {
            SliceRange down = new(i / window.KernelX * window.DilationY, window.StrideY, rows);
            SliceRange right = new(i % window.KernelX * window.DilationX, window.StrideX, columns);
            string seen = graph.Step(node, $"tap{i}", (name, output) => new Slice(
                name, padded, output, [SliceRange.Whole(shape[0]), SliceRange.Whole(shape[1]), down, right]));
            taps.Add(SpatialDimensions.Reshaped(node, graph, $"layer{i}", seen, new TensorShape(shape[0], shape[1], 1, rows, columns)));
        }

        return taps.Count == 1 ? taps[0] : graph.Step(node, "taps", (name, output) => new Concat(name, taps.MoveToImmutable(), output, 2));
    }

    /// <summary>The place of each window's first tap, which may lie in the padding.</summary>
    private static ConstantTensor Starts(
        OnnxNode node, GraphImport graph, TensorShape shape, Window2d window, int rows, int columns, bool columnsFirst)
    {
        long count = (long)shape[0] * shape[1] * rows * columns;
        graph.CountComputed(node, count);
        long[] starts = new long[count];
        for (int i = 0; i < starts.Length; i++)
        {
            int y = (i / columns % rows * window.StrideY) - window.PadTop;
            int x = (i % columns * window.StrideX) - window.PadLeft;
            starts[i] = ((long)(i / columns / rows) * shape[2] * shape[3]) + (columnsFirst ? (x * shape[2]) + y : (y * shape[3]) + x);
        }

        return ConstantTensor.Of([shape[0], shape[1], rows, columns], ElementType.Int64, starts);
    }
}
