using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Slice with constant bounds: attributes before opset 10, inputs from then on. Steps may be negative.</summary>
internal sealed class SliceImport : OperatorImport
{
    public override string Operator => "Slice";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        long[] starts = Values(node, graph, "starts", 1) ?? throw node.Fail("lacks its starts");
        long[] ends = Values(node, graph, "ends", 2) ?? throw node.Fail("lacks its ends");
        long[] axes = Values(node, graph, "axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = node.Opset >= 10 && node.HasInput(4) ? graph.Constant(node, 4, "steps").Integers() : [.. Enumerable.Repeat(1L, starts.Length)];
        if (starts.Length != ends.Length || starts.Length != axes.Length || starts.Length != steps.Length)
        {
            throw node.Fail($"has {starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps");
        }

        SliceRange[] ranges = [.. shape.Dims.Select(SliceRange.Whole)];
        ImmutableArray<int> places = AxisList.Checked(node, axes, shape.Rank);
        for (int i = 0; i < places.Length; i++)
        {
            ranges[places[i]] = Range(node, shape, places[i], starts[i], ends[i], steps[i]);
        }

        if (ranges.Any(r => r.Length == 0))
        {
            graph.DefineEmpty(node, [.. ranges.Select(r => r.Length)], graph.TypeOf(x));
        }
        else if (ranges.SequenceEqual(shape.Dims.Select(SliceRange.Whole)))
        {
            graph.Alias(node, x);
        }
        else
        {
            graph.Emit(node, name => new Slice(name, x, node.Output, [.. ranges]));
        }
    }

    private static long[]? Values(OnnxNode node, GraphImport graph, string what, int input) =>
        node.Opset < 10 ? node.Integers(what)?.ToArray() : node.HasInput(input) ? graph.Constant(node, input, what).Integers() : null;

    private static SliceRange Range(OnnxNode node, TensorShape shape, int axis, long start, long end, long step)
    {
        int length = shape[axis];
        if (step == 0)
        {
            throw node.Fail($"has the step 0 along axis {axis}");
        }

        if (length == TensorShape.Symbolic)
        {
            // An end this large means the whole, however many samples there are.
            return start == 0 && step == 1 && end is >= int.MaxValue or ConstantTensor.OpenBatch
                ? SliceRange.Whole(length)
                : throw node.Fail($"takes some of the open batch of {shape}; give a whole input shape (--input-shape)");
        }

        long first = start < 0 ? Math.Max(start, -(long)length - 1) + length : start;
        long last = end < 0 ? Math.Max(end, -(long)length - 1) + length : end;
        first = step > 0 ? Math.Clamp(first, 0, length) : Math.Clamp(first, 0, length - 1);
        last = step > 0 ? Math.Clamp(last, 0, length) : Math.Clamp(last, -1, length - 1);

        // A step beyond the dimension takes one element, whatever it is.
        long stride = Math.Clamp(step, -(long)length, length);
        long count = stride > 0 ? (last - first + stride - 1) / stride : (last - first + stride + 1) / stride;
        return count <= 0 ? new SliceRange(0, 1, 0) : new SliceRange((int)first, (int)stride, (int)count);
    }
}
