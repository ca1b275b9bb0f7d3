using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// Pad with constant pads: attributes before opset 11, inputs from then on, for some axes from opset 18 on. Negative pads cut
/// elements off, which is a slice before the padding.
/// </summary>
internal sealed class PadImport : OperatorImport
{
    public override string Operator => "Pad";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        PadMode mode = node.Text("mode", "constant") switch
        {
            "constant" => PadMode.Constant,
            "reflect" => PadMode.Reflect,
            "edge" => PadMode.Edge,
            "wrap" => PadMode.Wrap,
            string other => throw node.Fail($"has mode = {other}; supported are constant, reflect, edge and wrap"),
        };
        float value = Value(node, graph);
        (long[] before, long[] after) = Pads(node, graph, shape.Rank);
        if (before.Concat(after).Any(p => Math.Abs(p) > int.MaxValue / 2))
        {
            throw node.Fail($"has the pads {string.Join(", ", before.Concat(after).Take(8))}, which are too large");
        }

        string kept = Cut(node, graph, x, before, after);
        ImmutableArray<int> left = [.. before.Select(p => (int)Math.Max(p, 0))];
        ImmutableArray<int> right = [.. after.Select(p => (int)Math.Max(p, 0))];
        if (left.All(p => p == 0) && right.All(p => p == 0))
        {
            graph.Alias(node, kept);
        }
        else
        {
            graph.Emit(node, name => new Pad(name, kept, node.Output, left, right, mode, value));
        }
    }

    private static string Cut(OnnxNode node, GraphImport graph, string x, long[] before, long[] after)
    {
        TensorShape shape = graph.ShapeOf(x);
        if (before.All(p => p >= 0) && after.All(p => p >= 0))
        {
            return x;
        }

        var ranges = ImmutableArray.CreateBuilder<SliceRange>();
        for (int i = 0; i < shape.Rank; i++)
        {
            long start = Math.Max(0, -before[i]);
            long length = shape[i] - start - Math.Max(0, -after[i]);
            ranges.Add(shape[i] == TensorShape.Symbolic && before[i] == 0 && after[i] == 0 ? SliceRange.Whole(shape[i])
                : length >= 1 ? new SliceRange((int)start, 1, (int)length)
                : throw node.Fail($"cuts all of dimension {i} of {shape} off, which is not supported"));
        }

        return graph.Step(node, "cut", (name, output) => new Slice(name, x, output, ranges.ToImmutable()));
    }

    private static float Value(OnnxNode node, GraphImport graph)
    {
        if (node.Opset < 11)
        {
            return node.Float("value", 0f);
        }

        if (!node.HasInput(2))
        {
            return 0;
        }

        double[] values = graph.Constant(node, 2, "constant_value").Doubles();
        return values.Length == 1 ? (float)values[0] : throw node.Fail($"has {values.Length} values to pad with; only one is supported");
    }

    private static (long[] Before, long[] After) Pads(OnnxNode node, GraphImport graph, int rank)
    {
        long[] pads = node.Opset < 11
            ? node.Integers("pads")?.ToArray() ?? throw node.Fail("lacks the attribute pads")
            : graph.Constant(node, 1, "pads").Integers();
        ImmutableArray<int> axes = node.Opset >= 18 && node.HasInput(3)
            ? AxisList.Checked(node, graph.Constant(node, 3, "axes").Integers(), rank)
            : [.. Enumerable.Range(0, rank)];
        if (pads.Length != 2 * axes.Length)
        {
            throw node.Fail($"has {pads.Length} pads for {axes.Length} dimensions; two each are needed");
        }

        long[] before = new long[rank];
        long[] after = new long[rank];
        for (int i = 0; i < axes.Length; i++)
        {
            before[axes[i]] = Math.Max(pads[i], -int.MaxValue);
            after[axes[i]] = Math.Max(pads[axes.Length + i], -int.MaxValue);
        }

        return (before, after);
    }
}
