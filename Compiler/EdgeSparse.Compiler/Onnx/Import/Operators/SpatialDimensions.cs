using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Operators of the graph have two spatial dimensions; those of the file with one get a row of height 1.</summary>
internal static class SpatialDimensions
{
    /// <summary>N×C×L as N×C×1×L; what has two spatial dimensions stays as it is.</summary>
    public static string Plane(OnnxNode node, GraphImport graph, string x)
    {
        TensorShape shape = graph.ShapeOf(x);
        return shape.Rank == 3 ? Reshaped(node, graph, "plane", x, new TensorShape(shape[0], shape[1], 1, shape[2])) : x;
    }

    /// <summary>Emits a layer on planes, and the way back to N×C×L where its input came that way.</summary>
    /// <param name="node">The file's node, whose output is written.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="rank">Dimensions of the file's node's input.</param>
    /// <param name="make">Makes the layer of a name and an output.</param>
    public static void Emit(OnnxNode node, GraphImport graph, int rank, Func<string, string, Node> make)
    {
        if (rank != 3)
        {
            graph.Emit(node, name => make(name, node.Output));
            return;
        }

        string row = graph.Step(node, null, make);
        TensorShape shape = graph.ShapeOf(row);
        graph.Emit(node, "line", name => new Reshape(name, row, node.Output, new TensorShape(shape[0], shape[1], shape[3])));
    }

    public static string Reshaped(OnnxNode node, GraphImport graph, string part, string x, TensorShape shape) =>
        graph.Step(node, part, (name, output) => new Reshape(name, x, output, shape));
}
