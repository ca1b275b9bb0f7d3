using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>Shapes of what takes some elements, adds some, or resamples.</summary>
internal static class SelectionShapes
{
    public static TensorShape Infer(Node node, TensorShape x) => node switch
    {
        Slice slice => OfSlice(slice, x),
        Pad pad => OfPad(pad, x),
        Gather gather => OfGather(gather, x),
        _ => throw ShapeInference.Wrong(node, "has no shape rule"),
    };

    public static TensorShape OfConcat(Concat node, ImmutableArray<TensorShape> operands)
    {
        TensorShape first = operands[0];
        if (node.Axis < 0 || node.Axis >= first.Rank)
        {
            throw ShapeInference.Wrong(node, $"has the axis {node.Axis} for an operand of shape {first}");
        }

        long[] dims = ShapeInference.Wide(first);
        dims[node.Axis] = 0;
        foreach (TensorShape operand in operands)
        {
            bool fits = operand.Rank == first.Rank
                && Enumerable.Range(0, first.Rank).All(i => i == node.Axis ? operand[i] != TensorShape.Symbolic : operand[i] == first[i]);
            if (!fits)
            {
                throw ShapeInference.Wrong(node, $"joins {first} and {operand} along axis {node.Axis}, which do not fit");
            }

            dims[node.Axis] += operand[node.Axis];
        }

        return ShapeInference.Shape(node, dims);
    }

    public static TensorShape OfResize(Resize node, TensorShape x)
    {
        if (node.Shape.Rank != x.Rank || node.Scales.Length != x.Rank || node.Shape.IsBatchSymbolic != x.IsBatchSymbolic)
        {
            throw ShapeInference.Wrong(node, $"makes {node.Shape} of {x} with {node.Scales.Length} scales, which do not fit");
        }

        if (!node.Scales.All(s => s > 0 && double.IsFinite(s)) || (x.IsBatchSymbolic && node.Scales[0] != 1))
        {
            throw ShapeInference.Wrong(node, $"has the scales {string.Join(", ", node.Scales)} for {x}; they are positive, and 1 for an open batch");
        }

        return double.IsFinite(node.CubicA) ? node.Shape : throw ShapeInference.Wrong(node, $"has the cubic coefficient {node.CubicA}");
    }

    public static TensorShape OfGatherAt(GatherAt node, TensorShape x, TensorShape indices)
    {
        RequireFixedAxis(node, node.Axis, x);
        if (indices.IsBatchSymbolic && node.Axis != 0)
        {
            throw ShapeInference.Wrong(node, $"has indices of shape {indices} along axis {node.Axis}; with an open batch they go along axis 0");
        }

        return Gathered(node, node.Axis, x, indices);
    }

    private static TensorShape Gathered(Node node, int axis, TensorShape x, TensorShape indices)
    {
        long[] dims = ShapeInference.Wide(x);
        return ShapeInference.Shape(node, [.. dims[..axis], .. ShapeInference.Wide(indices), .. dims[(axis + 1)..]]);
    }

    private static void RequireFixedAxis(Node node, int axis, TensorShape x)
    {
        if (axis < 0 || axis >= x.Rank || x[axis] == TensorShape.Symbolic)
        {
            throw ShapeInference.Wrong(node, $"has the axis {axis} for an input of shape {x}; it must be a fixed dimension");
        }
    }

    private static TensorShape OfSlice(Slice node, TensorShape x)
    {
        if (node.Ranges.Length != x.Rank)
        {
            throw ShapeInference.Wrong(node, $"has {node.Ranges.Length} ranges for an input of shape {x}");
        }

        for (int i = 0; i < x.Rank; i++)
        {
            SliceRange range = node.Ranges[i];
            long last = range.Start + ((long)range.Step * (range.Length - 1));
            bool fits = x[i] == TensorShape.Symbolic
                ? range == SliceRange.Whole(TensorShape.Symbolic)
                : range.Length >= 1 && range.Step != 0 && range.Start >= 0 && range.Start < x[i] && last >= 0 && last < x[i];
            if (!fits)
            {
                throw ShapeInference.Wrong(
                    node, $"takes {range.Length} elements from {range.Start} on, {range.Step} apart, of dimension {i} of {x}");
            }
        }

        return new TensorShape([.. node.Ranges.Select(r => r.Length)]);
    }

    private static TensorShape OfPad(Pad node, TensorShape x)
    {
        if (node.Before.Length != x.Rank || node.After.Length != x.Rank || float.IsNaN(node.Value))
        {
            throw ShapeInference.Wrong(node, $"has {node.Before.Length} and {node.After.Length} paddings of {node.Value} for an input of shape {x}");
        }

        long[] dims = ShapeInference.Wide(x);
        for (int i = 0; i < x.Rank; i++)
        {
            int most = x[i] == TensorShape.Symbolic ? 0 : node.Mode switch { PadMode.Reflect => x[i] - 1, PadMode.Wrap => x[i], _ => int.MaxValue };
            int before = node.Before[i];
            int after = node.After[i];
            if (before < 0 || after < 0 || before > most || after > most)
            {
                throw ShapeInference.Wrong(node, $"adds {before} and {after} elements to dimension {i} of {x} ({node.Mode}), which is not supported");
            }

            dims[i] += (long)before + after;
        }

        return ShapeInference.Shape(node, dims);
    }

    private static TensorShape OfGather(Gather node, TensorShape x)
    {
        RequireFixedAxis(node, node.Axis, x);
        if (node.IndexShape.IsBatchSymbolic || node.Indices.Length != node.IndexShape.ElementCount
            || node.Indices.Any(i => i < 0 || i >= x[node.Axis]))
        {
            throw ShapeInference.Wrong(node, $"has indices that do not fit dimension {node.Axis} of {x}, or not as many as their shape {node.IndexShape}");
        }

        return Gathered(node, node.Axis, x, node.IndexShape);
    }
}
