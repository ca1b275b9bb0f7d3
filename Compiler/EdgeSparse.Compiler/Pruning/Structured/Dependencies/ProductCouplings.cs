using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>
/// Layers with weights: input and output channels are apart (Fang et al. 2023, "DepGraph", section 3.2, intra-layer
/// dependencies), except where each output reads one input alone. A grouped convolution loses the same position in every group.
/// </summary>
internal static class ProductCouplings
{
    private static readonly Pin Pixels = new(PinKind.Shape, "it is a row or column of pixels");

    public static void Of(AxisTable axes, WeightedLayer node)
    {
        switch (node)
        {
            case Linear linear:
                OfLinear(axes, linear);
                break;
            case Conv2d conv:
                OfConvolution(axes, conv, conv.Groups, outAxis: 0, inAxis: 1);
                break;
            case ConvTranspose2d conv:
                OfConvolution(axes, conv, conv.Groups, outAxis: 1, inAxis: 0);
                break;
        }
    }

    /// <summary>Whether every output channel reads a single input channel.</summary>
    public static bool IsDepthwise(Graph graph, WeightedLayer node)
    {
        KernelGrid grid = node.KernelsOf(graph.WeightOf(node.Weight).Shape);
        return grid.Groups > 1 && grid.Inputs == grid.Groups;
    }

    public static void OfMatMul(AxisTable axes, MatMul node)
    {
        (TensorShape left, TensorShape right, TensorShape y) = (axes.ShapeOf(node.Left), axes.ShapeOf(node.Right), axes.ShapeOf(node.Output));
        axes.Tie(axes.Value(node.Left, left.Rank - 1), axes.Value(node.Right, right.Rank - 2));
        axes.Tie(axes.Value(node.Left, left.Rank - 2), axes.Value(node.Output, y.Rank - 2));
        axes.Tie(axes.Value(node.Right, right.Rank - 1), axes.Value(node.Output, y.Rank - 1));
        foreach ((string operand, TensorShape shape) in new[] { (node.Left, left), (node.Right, right) })
        {
            for (int i = 3; i <= shape.Rank; i++)
            {
                if (shape[shape.Rank - i] == y[y.Rank - i])
                {
                    axes.Tie(axes.Value(operand, shape.Rank - i), axes.Value(node.Output, y.Rank - i));
                }
            }
        }
    }

    private static void OfLinear(AxisTable axes, Linear node)
    {
        int last = axes.ShapeOf(node.Input).Rank - 1;
        axes.Tie(axes.Weight(node.Weight, 0, AxisRole.Out), axes.Value(node.Output, last));
        axes.Tie(axes.Weight(node.Weight, 1, AxisRole.In), axes.Value(node.Input, last));
        TieBias(axes, node, axes.Value(node.Output, last));
        for (int i = 0; i < last; i++)
        {
            axes.Tie(axes.Value(node.Input, i), axes.Value(node.Output, i));
            if (node.Bias is not null)
            {
                axes.BreakZero(axes.Value(node.Output, i));
            }
        }
    }

    private static void OfConvolution(AxisTable axes, WeightedLayer node, int groups, int outAxis, int inAxis)
    {
        (TensorAxis x, TensorAxis y) = (axes.Value(node.Input, 1), axes.Value(node.Output, 1));
        bool depthwise = IsDepthwise(axes.Graph, node);

        // Rows of a depthwise weight are channels of both sides; its other axis is no channel's.
        TensorAxis outs = axes.Weight(node.Weight, outAxis, depthwise && outAxis == 1 ? AxisRole.Other : AxisRole.Out);
        TensorAxis ins = axes.Weight(node.Weight, inAxis, !depthwise ? AxisRole.In : inAxis == 1 ? AxisRole.Other : AxisRole.Out);
        TieBias(axes, node, y);
        axes.Tie(axes.Value(node.Input, 0), axes.Value(node.Output, 0));
        foreach (int pixels in new[] { 2, 3 })
        {
            axes.Hold(axes.Value(node.Input, pixels), Pixels);
            axes.Hold(axes.Value(node.Output, pixels), Pixels);
            axes.Hold(axes.Weight(node.Weight, pixels, AxisRole.Other), Pixels);
        }

        if (depthwise)
        {
            TieDepthwise(axes, x, y, outAxis == 0 ? outs : ins, outAxis == 0 ? null : outs);
            return;
        }

        TieGrouped(axes, outs, y, groups);
        TieGrouped(axes, ins, x, groups);
    }

    /// <summary>The weight's axis has all channels, or those of one group, for which the same position of every group goes.</summary>
    private static void TieGrouped(AxisTable axes, TensorAxis weight, TensorAxis value, int groups)
    {
        int perGroup = value.Length / groups;
        for (int i = 0; i < value.Length; i++)
        {
            axes.Tie(value, i, value, i % perGroup);
            axes.Tie(weight, weight.Length == value.Length ? i : i % perGroup, value, i);
        }
    }

    private static void TieDepthwise(AxisTable axes, TensorAxis x, TensorAxis y, TensorAxis weight, TensorAxis? multiplier)
    {
        int perInput = y.Length / x.Length;
        for (int i = 0; i < y.Length; i++)
        {
            axes.Tie(y, i, x, i / perInput);
        }

        for (int i = 0; i < weight.Length; i++)
        {
            axes.Tie(weight, i, weight.Length == y.Length ? y : x, i);
        }

        if (multiplier is not null)
        {
            axes.Hold(multiplier, new Pin(PinKind.Shape, "every input channel has as many outputs"));
        }
    }

    private static void TieBias(AxisTable axes, WeightedLayer node, TensorAxis y)
    {
        if (node.Bias is not null)
        {
            axes.Tie(axes.Weight(node.Bias, 0, AxisRole.Bias), y);
        }
    }
}
