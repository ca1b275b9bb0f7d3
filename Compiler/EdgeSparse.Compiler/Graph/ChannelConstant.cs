using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>y = x · factor + shift for each channel (or another dimension), in double precision.</summary>
/// <param name="Input">The activation x.</param>
/// <param name="Factors">One a channel.</param>
/// <param name="Shifts">One a channel.</param>
public sealed record ChannelAffine(string Input, ImmutableArray<double> Factors, ImmutableArray<double> Shifts);

/// <summary>Sums, differences, products and quotients of an activation and a constant of one number, or of one a channel.</summary>
public static class ChannelConstant
{
    /// <summary>
    /// What a <see cref="Binary"/> does to each channel; null where that is not an affine function of the channel alone, or where
    /// the constant would change the shape.
    /// </summary>
    /// <param name="graph">The graph that the node is part of.</param>
    /// <param name="node">Any node.</param>
    /// <param name="axis">The dimension of the channels, from 0 on.</param>
    public static ChannelAffine? Of(Graph graph, Node node, int axis = 1)
    {
        if (node is not Binary { Function: BinaryFunction.Add or BinaryFunction.Sub or BinaryFunction.Mul or BinaryFunction.Div } binary)
        {
            return null;
        }

        bool isLeft = ConstantOf(graph, binary.Left) is not null;
        string input = isLeft ? binary.Right : binary.Left;
        TensorShape shape = graph.Shapes[input];
        if ((ConstantOf(graph, binary.Left) ?? ConstantOf(graph, binary.Right)) is not { } constant || ConstantOf(graph, input) is not null
            || axis >= shape.Rank || graph.Shapes[binary.Output] != shape || Spread(constant, shape, axis) is not { } values
            || !Array.TrueForAll(values, double.IsFinite))
        {
            return null;
        }

        return binary.Function switch
        {
            BinaryFunction.Add => Affine(input, values, _ => 1, c => c),
            BinaryFunction.Sub when isLeft => Affine(input, values, _ => -1, c => c),
            BinaryFunction.Sub => Affine(input, values, _ => 1, c => -c),
            BinaryFunction.Mul => Affine(input, values, c => c, _ => 0),
            BinaryFunction.Div when !isLeft && values.All(c => c != 0) => Affine(input, values, c => 1 / c, _ => 0),
            _ => null,
        };
    }

    private static ChannelAffine Affine(string input, double[] values, Func<double, double> factor, Func<double, double> shift) =>
        new(input, [.. values.Select(factor)], [.. values.Select(shift)]);

    private static Weight? ConstantOf(Graph graph, string activation) =>
        graph.Nodes.FirstOrDefault(n => n.Output == activation) is Constant constant ? graph.WeightOf(constant.Weight) : null;

    /// <summary>The constant as one value an index of the axis; null where it varies along others.</summary>
    private static double[]? Spread(Weight constant, TensorShape shape, int axis)
    {
        int missing = shape.Rank - constant.Shape.Rank;
        for (int i = 0; i < constant.Shape.Rank; i++)
        {
            if (constant.Shape[i] != 1 && i + missing != axis)
            {
                return null;
            }
        }

        if (shape[axis] == TensorShape.Symbolic)
        {
            return null;
        }

        double[] values = new double[shape[axis]];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = constant.Values.Span[constant.ElementCount == 1 ? 0 : i];
        }

        return values;
    }
}
