using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>Layers that move elements: position maps between their axes.</summary>
internal static class MovementCouplings
{
    /// <summary>
    /// Axes in row-major order, taken apart into runs of as many elements. Where one axis becomes several or the reverse, only the
    /// outermost can lose positions, each a block on the other side: a flattened channel is a run of columns.
    /// </summary>
    public static void OfReshape(AxisTable axes, Node node)
    {
        (List<TensorAxis> x, List<TensorAxis> y) = (Long(axes, node.Inputs[0]), Long(axes, node.Output));
        while (x.Count > 0 && y.Count > 0)
        {
            (int i, int j) = (1, 1);
            (long left, long right) = (x[0].Length, y[0].Length);
            while (left != right)
            {
                if (left < right)
                {
                    left *= x[i++].Length;
                }
                else
                {
                    right *= y[j++].Length;
                }
            }

            OfRun(axes, node, x[..i], y[..j]);
            x.RemoveRange(0, i);
            y.RemoveRange(0, j);
        }
    }

    public static void OfTranspose(AxisTable axes, Transpose node)
    {
        for (int i = 0; i < node.Permutation.Length; i++)
        {
            axes.Tie(axes.Value(node.Input, node.Permutation[i]), axes.Value(node.Output, i));
        }
    }

    public static void OfConcat(AxisTable axes, Concat node)
    {
        int offset = 0;
        foreach (string operand in node.Operands)
        {
            TensorAxis joined = axes.Value(operand, node.Axis);
            for (int i = 0; i < axes.ShapeOf(operand).Rank; i++)
            {
                if (i != node.Axis)
                {
                    axes.Tie(axes.Value(operand, i), axes.Value(node.Output, i));
                }
            }

            for (int i = 0; i < joined.Length; i++)
            {
                axes.Tie(joined, i, axes.Value(node.Output, node.Axis), offset + i);
            }

            offset += joined.Length;
        }
    }

    public static void OfSlice(AxisTable axes, Slice node)
    {
        for (int axis = 0; axis < node.Ranges.Length; axis++)
        {
            (TensorAxis x, TensorAxis y) = (axes.Value(node.Input, axis), axes.Value(node.Output, axis));
            SliceRange range = node.Ranges[axis];
            for (int i = 0; i < y.Length; i++)
            {
                axes.Tie(x, range.Start + (i * range.Step), y, i);
            }

            // Every other position of what is left would no longer be every other position of what was there.
            if (Math.Abs(range.Step) > 1)
            {
                axes.Hold(x, Blocked(node));
                axes.Hold(y, Blocked(node));
            }
        }
    }

    /// <summary>Positions added have no producer: they go with whatever they are added to later.</summary>
    public static void OfPad(AxisTable axes, Pad node)
    {
        for (int axis = 0; axis < node.Before.Length; axis++)
        {
            (TensorAxis x, TensorAxis y) = (axes.Value(node.Input, axis), axes.Value(node.Output, axis));
            for (int i = 0; i < x.Length; i++)
            {
                axes.Tie(x, i, y, node.Before[axis] + i);
            }

            if (node.Before[axis] + node.After[axis] > 0 && node.Mode != PadMode.Constant)
            {
                axes.Hold(y, Blocked(node));
            }

            // What is added along one axis lies in every position of the others.
            if (node.Value != 0 && node.Mode == PadMode.Constant)
            {
                axes.BreakZero(y);
            }
        }
    }

    public static void OfGather(AxisTable axes, Gather node)
    {
        int rank = axes.ShapeOf(node.Input).Rank;
        int added = node.IndexShape.Rank;
        for (int axis = 0; axis < rank; axis++)
        {
            TensorAxis x = axes.Value(node.Input, axis);
            if (axis != node.Axis)
            {
                axes.Tie(x, axes.Value(node.Output, axis < node.Axis ? axis : axis + added - 1));
            }
            else if (added == 1)
            {
                for (int i = 0; i < node.Indices.Length; i++)
                {
                    axes.Tie(x, node.Indices[i], axes.Value(node.Output, axis), i);
                }
            }
            else
            {
                axes.Hold(x, Blocked(node));
                for (int i = 0; i < added; i++)
                {
                    axes.Hold(axes.Value(node.Output, axis + i), Blocked(node));
                }
            }
        }
    }

    /// <summary>A pixel block of one channel: all channels that it is made of go together.</summary>
    public static void OfDepthAndSpace(AxisTable axes, Node node, string deep, string wide, int block, bool columnRowDepth)
    {
        (TensorAxis depth, TensorAxis channels) = (axes.Value(deep, 1), axes.Value(wide, 1));
        for (int i = 0; i < depth.Length; i++)
        {
            axes.Tie(depth, i, channels, columnRowDepth ? i / block / block : i % channels.Length);
        }

        axes.Tie(axes.Value(deep, 0), axes.Value(wide, 0));
        foreach (int pixels in new[] { 2, 3 })
        {
            axes.Hold(axes.Value(deep, pixels), Blocked(node));
            axes.Hold(axes.Value(wide, pixels), Blocked(node));
        }
    }

    public static void OfResize(AxisTable axes, Resize node)
    {
        for (int axis = 0; axis < node.Scales.Length; axis++)
        {
            (TensorAxis x, TensorAxis y) = (axes.Value(node.Input, axis), axes.Value(node.Output, axis));
            if (x.Length == y.Length && node.Scales[axis] == 1)
            {
                axes.Tie(x, y);
            }
            else
            {
                axes.Hold(x, Blocked(node));
                axes.Hold(y, Blocked(node));
            }
        }
    }

    /// <summary>Axes that something is looked for or summed up along stay whole; the others go through.</summary>
    public static void OfReduction(AxisTable axes, Node node, IReadOnlyList<int> reduced, bool keepsDimensions)
    {
        int to = 0;
        for (int axis = 0; axis < axes.ShapeOf(node.Inputs[0]).Rank; axis++)
        {
            if (reduced.Contains(axis))
            {
                axes.Hold(axes.Value(node.Inputs[0], axis), Blocked(node));
                if (keepsDimensions)
                {
                    axes.Hold(axes.Value(node.Output, to++), Blocked(node));
                }
            }
            else
            {
                axes.Tie(axes.Value(node.Inputs[0], axis), axes.Value(node.Output, to++));
            }
        }

        // An index of, or a share in, equal zeros is not zero.
        for (int axis = 0; node is not Reduce && axis < axes.ShapeOf(node.Output).Rank; axis++)
        {
            axes.BreakZero(axes.Value(node.Output, axis));
        }
    }

    public static Pin Blocked(Node node) => new(PinKind.Operator, $"layer '{node.Name}' ({node.Operator}) needs it whole");

    private static void OfRun(AxisTable axes, Node node, List<TensorAxis> x, List<TensorAxis> y)
    {
        if (x.Count > 1 && y.Count > 1)
        {
            foreach (TensorAxis axis in x.Concat(y))
            {
                axes.Hold(axis, Blocked(node));
            }

            return;
        }

        (TensorAxis outer, TensorAxis flat) = x.Count > 1 ? (x[0], y[0]) : (y[0], x[0]);
        int block = flat.Length / outer.Length;
        for (int i = 0; i < flat.Length; i++)
        {
            axes.Tie(flat, i, outer, i / block);
        }

        foreach (TensorAxis inner in x.Skip(1).Concat(y.Skip(1)))
        {
            axes.Hold(inner, Blocked(node));
        }
    }

    private static List<TensorAxis> Long(AxisTable axes, string value) =>
        [.. Enumerable.Range(0, axes.ShapeOf(value).Rank).Select(i => axes.Value(value, i)).Where(a => a.Length > 1)];
}
