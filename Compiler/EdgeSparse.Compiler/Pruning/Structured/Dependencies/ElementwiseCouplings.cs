using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>Layers whose input and output channels are the same ones: elementwise functions, sums, normalisations, pooling.</summary>
internal static class ElementwiseCouplings
{
    private static readonly Pin Pixels = new(PinKind.Shape, "it is a row or column of pixels");

    public static void OfPointwise(AxisTable axes, PointwiseActivation node)
    {
        axes.TieAll(node.Input, node.Output);
        BreakUnless(axes, node.Output, node.Apply(0) == 0);
    }

    public static void OfBinary(AxisTable axes, Binary node)
    {
        bool product = node.Function == BinaryFunction.Mul;
        bool constant = axes.Graph.Nodes.Any(n => n is Constant && (n.Output == node.Left || n.Output == node.Right));
        TieBroadcast(axes, node.Left, node.Output, product || (node.Function == BinaryFunction.Div));
        TieBroadcast(axes, node.Right, node.Output, product);
        BreakUnless(axes, node.Output, product || (!constant && BinaryFunctions.Apply(node.Function, 0, 0) == 0));
    }

    public static void OfWhere(AxisTable axes, Where node)
    {
        TieBroadcast(axes, node.Condition, node.Output, keepsZero: true);
        TieBroadcast(axes, node.Left, node.Output, keepsZero: false);
        TieBroadcast(axes, node.Right, node.Output, keepsZero: false);
    }

    /// <summary>An operand aligned at the last dimension; where it is repeated, zeros of the result do not come from it.</summary>
    /// <param name="axes">All axes.</param>
    /// <param name="operand">What is broadcast.</param>
    /// <param name="result">What it is broadcast to.</param>
    /// <param name="keepsZero">Whether zeros of the other operand stay zeros whatever this one is.</param>
    public static void TieBroadcast(AxisTable axes, string operand, string result, bool keepsZero)
    {
        (TensorShape x, TensorShape y) = (axes.ShapeOf(operand), axes.ShapeOf(result));
        for (int i = 1; i <= y.Rank; i++)
        {
            TensorAxis to = axes.Value(result, y.Rank - i);
            if (i <= x.Rank && x[x.Rank - i] == y[y.Rank - i])
            {
                axes.Tie(axes.Value(operand, x.Rank - i), to);
            }
            else if (!keepsZero)
            {
                axes.BreakZero(to);
            }
        }
    }

    /// <summary>One value a channel (dimension 1), each normalised by itself. Along other axes zeros become shifts.</summary>
    public static void OfChannelNorm(AxisTable axes, Node node)
    {
        axes.TieAll(node.Inputs[0], node.Output);
        for (int i = 0; i < axes.ShapeOf(node.Output).Rank; i++)
        {
            if (i != 1)
            {
                axes.BreakZero(axes.Value(node.Output, i));
            }
        }

        foreach (string weight in node.WeightNames)
        {
            axes.Tie(axes.Weight(weight, 0, RoleOf(node, weight)), axes.Value(node.Output, 1));
        }
    }

    /// <summary>
    /// Channels of a group share their statistics, so that a group with fewer of them has others: removal follows the channels, but
    /// changes what is left. The same position of every group goes.
    /// </summary>
    public static void OfGroupNorm(AxisTable axes, GroupNorm node)
    {
        OfChannelNorm(axes, node);
        TensorAxis y = axes.Value(node.Output, 1);
        int perGroup = y.Length / node.Groups;
        if (perGroup == 1)
        {
            return;
        }

        for (int i = 0; i < y.Length; i++)
        {
            axes.Tie(y, i, y, i % perGroup);
        }

        axes.BreakZero(y);
    }

    /// <summary>As a group norm, all positions of the normalised axes sharing their statistics.</summary>
    public static void OfLayerNorm(AxisTable axes, LayerNorm node)
    {
        axes.TieAll(node.Input, node.Output);
        BreakUnless(axes, node.Output, keepsZero: false);
        for (int i = node.Axis; i < axes.ShapeOf(node.Input).Rank; i++)
        {
            foreach (string weight in node.WeightNames)
            {
                axes.Tie(axes.Weight(weight, i - node.Axis, weight == node.Scale ? AxisRole.Scale : AxisRole.Shift), axes.Value(node.Output, i));
            }
        }
    }

    /// <summary>Samples and channels go through; the plane is pooled.</summary>
    public static void OfPool(AxisTable axes, Node node)
    {
        for (int i = 0; i < axes.ShapeOf(node.Output).Rank; i++)
        {
            if (i < 2)
            {
                axes.Tie(axes.Value(node.Inputs[0], i), axes.Value(node.Output, i));
            }
            else
            {
                axes.Hold(axes.Value(node.Inputs[0], i), Pixels);
                axes.Hold(axes.Value(node.Output, i), Pixels);
            }
        }
    }

    private static void BreakUnless(AxisTable axes, string value, bool keepsZero)
    {
        for (int i = 0; !keepsZero && i < axes.ShapeOf(value).Rank; i++)
        {
            axes.BreakZero(axes.Value(value, i));
        }
    }

    private static AxisRole RoleOf(Node node, string weight) => node switch
    {
        BatchNorm n => weight == n.Scale ? AxisRole.Scale : weight == n.Shift ? AxisRole.Shift : AxisRole.Statistic,
        InstanceNorm n => weight == n.Scale ? AxisRole.Scale : AxisRole.Shift,
        GroupNorm n => weight == n.Scale ? AxisRole.Scale : AxisRole.Shift,
        _ => AxisRole.Other,
    };
}
