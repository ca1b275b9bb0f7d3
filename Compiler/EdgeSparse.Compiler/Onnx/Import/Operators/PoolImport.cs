using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// MaxPool and AveragePool over one to three dimensions. Maxima and means over boxes are those over columns of rows: three
/// dimensions become a pool over the last two and one over the first.
/// </summary>
internal sealed class PoolImport(bool isMaximum) : OperatorImport
{
    public override string Operator => isMaximum ? "MaxPool" : "AveragePool";

    public override bool HasSeveralOutputs => isMaximum;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        ImmutableArray<WindowAxis> axes = WindowAttributes.Read(node, shape, most: 3);
        bool ceilMode = node.Flag("ceil_mode");
        bool countIncludePad = !isMaximum && node.Flag("count_include_pad");
        bool columnsFirst = isMaximum && node.Flag("storage_order");

        Node Pool(string name, string from, string output, Window2d window) => isMaximum
            ? new MaxPool(name, from, output, window, ceilMode)
            : new AveragePool(name, from, output, window, ceilMode, countIncludePad);

        if (axes.Length < 3)
        {
            string plane = SpatialDimensions.Plane(node, graph, x);
            var window = WindowAxis.Of(axes.Length == 1 ? WindowAxis.Pixel : axes[0], axes[^1]);
            SpatialDimensions.Emit(node, graph, shape.Rank, (name, output) => Pool(name, plane, output, window));
            if (isMaximum && graph.ReadsOf(node.OutputAt(1)) > 0)
            {
                PoolIndices.Emit(node, graph, plane, shape.Rank, window, ceilMode, columnsFirst);
            }

            return;
        }

        if (isMaximum && graph.ReadsOf(node.OutputAt(1)) > 0)
        {
            throw node.Fail("gives indices of three dimensions, which are not supported");
        }

        string slices = SpatialDimensions.Reshaped(node, graph, "slices", x, new TensorShape(shape[0], Product(node, shape[1], shape[2]), shape[3], shape[4]));
        string pooled = graph.Step(node, "planes", (name, output) => Pool(name, slices, output, WindowAxis.Of(axes[1], axes[2])));
        TensorShape small = graph.ShapeOf(pooled);
        string columns = SpatialDimensions.Reshaped(
            node, graph, "columns", pooled, new TensorShape(shape[0], shape[1], shape[2], Product(node, small[2], small[3])));
        string deep = graph.Step(node, null, (name, output) => Pool(name, columns, output, WindowAxis.Of(axes[0], WindowAxis.Pixel)));
        graph.Emit(node, "volume", name => new Reshape(
            name, deep, node.Output, new TensorShape(shape[0], shape[1], graph.ShapeOf(deep)[2], small[2], small[3])));
    }

    private static int Product(OnnxNode node, int a, int b) =>
        (long)a * b <= int.MaxValue ? a * b : throw node.Fail($"has {a} times {b} planes, which are too many");
}

/// <summary>GlobalAveragePool and GlobalMaxPool of N×C×….</summary>
internal sealed class GlobalPoolImport(bool isMaximum) : OperatorImport
{
    public override string Operator => isMaximum ? "GlobalMaxPool" : "GlobalAveragePool";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        if (shape.Rank < 3)
        {
            throw node.Fail($"has an input of shape {shape}; supported is N×C×…");
        }

        if (shape.Rank == 4)
        {
            graph.Emit(node, name => isMaximum ? new GlobalMaxPool(name, x, node.Output) : new GlobalAveragePool(name, x, node.Output));
            return;
        }

        ImmutableArray<int> axes = [.. Enumerable.Range(2, shape.Rank - 2)];
        ReduceFunction function = isMaximum ? ReduceFunction.Max : ReduceFunction.Mean;
        graph.Emit(node, name => new Reduce(name, x, node.Output, function, axes, KeepDimensions: true));
    }
}
