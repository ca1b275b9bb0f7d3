using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>ReduceSum and its kind. Axes are an attribute first, and an input from the opset given on.</summary>
internal sealed class ReduceImport(string operation, ReduceFunction function, int axesInputSince) : OperatorImport
{
    public override string Operator => operation;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        ImmutableArray<int> dims = InputDimensions.Of(node, graph);
        bool keepDimensions = node.Integer("keepdims", 1, 0, 1) == 1;
        bool noneIsNone = node.Opset >= axesInputSince && node.Flag("noop_with_empty_axes");
        long[] given = AxisList.Read(node, graph, axesInputSince) ?? [];
        if (given.Length == 0 && noneIsNone)
        {
            graph.Alias(node, graph.Activation(node, 0));
            return;
        }

        ImmutableArray<int> axes = given.Length == 0
            ? [.. Enumerable.Range(0, dims.Length)]
            : [.. AxisList.Checked(node, given, dims.Length).Order()];
        if (graph.ConstantOrNull(node, 0) is { ElementCount: 0, IsFloat: true } empty)
        {
            graph.Define(node, OfNothing(node, graph, empty, axes, keepDimensions));
            return;
        }

        string x = graph.Activation(node, 0);
        graph.Emit(node, name => new Reduce(name, x, node.Output, function, axes, keepDimensions));
    }

    /// <summary>The sum of no elements is 0, their product 1, their maximum −∞ and their minimum ∞; they have no mean.</summary>
    private ConstantTensor OfNothing(OnnxNode node, GraphImport graph, ConstantTensor empty, ImmutableArray<int> axes, bool keepDimensions)
    {
        float neutral = function switch
        {
            ReduceFunction.Sum => 0,
            ReduceFunction.Product => 1,
            ReduceFunction.Max => float.NegativeInfinity,
            ReduceFunction.Min => float.PositiveInfinity,
            _ => throw node.Fail($"takes the mean of {ConstantTensor.Describe(empty.Dims)}, which has no elements"),
        };
        ImmutableArray<int> dims = [.. empty.Dims.Select((d, i) => axes.Contains(i) ? 1 : d).Where((_, i) => keepDimensions || !axes.Contains(i))];
        return graph.Repeated(ConstantTensor.Of([], empty.Type, [neutral]), dims);
    }
}

/// <summary>ArgMax and ArgMin.</summary>
internal sealed class ArgExtremeImport(string operation, bool isMaximum) : OperatorImport
{
    public override string Operator => operation;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        int axis = node.Axis("axis", 0, graph.ShapeOf(x).Rank);
        bool keepDimensions = node.Integer("keepdims", 1, 0, 1) == 1;
        bool selectLast = node.Flag("select_last_index");
        graph.Emit(node, name => new ArgExtreme(name, x, node.Output, isMaximum, axis, keepDimensions, selectLast));
    }
}

/// <summary>TopK: values and indices are two nodes, made where they are read.</summary>
internal sealed class TopKImport : OperatorImport
{
    public override string Operator => "TopK";

    public override bool HasSeveralOutputs => true;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        int axis = node.Axis("axis", -1, graph.ShapeOf(x).Rank);
        bool isLargest = node.Integer("largest", 1, 0, 1) == 1;

        // Unsorted means any order, so that sorted is right too.
        node.Ignore("sorted");
        long[] k = node.Opset < 10 ? [node.Integer("k", 0)] : graph.Constant(node, 1, "k").Integers();
        if (k.Length != 1 || k[0] < 1 || k[0] > int.MaxValue)
        {
            throw node.Fail($"has k = {string.Join(", ", k.Take(4))}; it must be one positive number");
        }

        for (int output = 0; output < 2; output++)
        {
            string written = node.OutputAt(output);
            bool givesIndices = output == 1;
            if (written.Length > 0 && graph.ReadsOf(written) > 0)
            {
                graph.Emit(node, name => new TopK(name, x, written, (int)k[0], axis, isLargest, givesIndices));
            }
        }
    }
}

/// <summary>Axes that are an attribute in some opsets and an input in others.</summary>
internal static class AxisList
{
    /// <summary>The axes as the file gives them; null when it gives none.</summary>
    public static long[]? Read(OnnxNode node, GraphImport graph, int inputSince) =>
        node.Opset < inputSince ? node.Integers("axes")?.ToArray()
        : node.HasInput(1) ? graph.Constant(node, 1, "axes").Integers()
        : null;

    /// <summary>Axes from 0 on, none twice, in the file's order.</summary>
    public static ImmutableArray<int> Checked(OnnxNode node, IEnumerable<long> axes, int rank)
    {
        HashSet<int> seen = [];
        var result = ImmutableArray.CreateBuilder<int>();
        foreach (long axis in axes)
        {
            int place = axis >= -rank && axis < rank
                ? (int)(axis < 0 ? axis + rank : axis)
                : throw node.Fail($"has the axis {axis} for {rank} dimensions");
            result.Add(seen.Add(place) ? place : throw node.Fail($"has the axis {axis} twice"));
        }

        return result.ToImmutable();
    }
}
