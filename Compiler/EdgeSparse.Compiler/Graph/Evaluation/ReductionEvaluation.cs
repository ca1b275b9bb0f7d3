namespace EdgeSparse.Compiler.Graphs;

/// <summary>One or some elements of those along axes.</summary>
internal static class ReductionEvaluation
{
    public static double[] Run(Node node, Operand x, TensorShape result) => node switch
    {
        Reduce reduce => Reduced(reduce, x, result),
        ArgExtreme extreme => AlongAxis(x, extreme.Axis, 1, row => [Extreme(row, extreme)]),
        TopK top => AlongAxis(x, top.Axis, top.Count, row => Top(row, top)),
        _ => throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be evaluated"),
    };

    private static double[] Reduced(Reduce node, Operand x, TensorShape result)
    {
        double[] y = new double[result.ElementCount];
        y.AsSpan().Fill(node.Function switch
        {
            ReduceFunction.Max => double.NegativeInfinity,
            ReduceFunction.Min => double.PositiveInfinity,
            ReduceFunction.Product => 1,
            _ => 0,
        });

        // The reduced dimensions have length 1 in the output, so that broadcasting it to the input says which sum an element is part of.
        TensorShape kept = new([.. x.Shape.Dims.Select((d, i) => node.Axes.Contains(i) ? 1 : d)]);
        int[] target = ElementMap.Of(new Expand("", "", "", x.Shape), kept)!;
        for (int i = 0; i < x.Values.Length; i++)
        {
            ref double to = ref y[target[i]];
            to = node.Function switch
            {
                ReduceFunction.Max => Math.Max(to, x.Values[i]),
                ReduceFunction.Min => Math.Min(to, x.Values[i]),
                ReduceFunction.Product => to * x.Values[i],
                _ => to + x.Values[i],
            };
        }

        if (node.Function == ReduceFunction.Mean)
        {
            for (int i = 0; i < y.Length; i++)
            {
                y[i] /= x.Values.Length / y.Length;
            }
        }

        return y;
    }

    private static double[] AlongAxis(Operand x, int axis, int count, Func<double[], double[]> select)
    {
        int length = x.Shape[axis];
        int inner = ElementMap.Product(x.Shape, axis + 1, x.Shape.Rank);
        double[] y = new double[x.Values.Length / length * count];
        double[] row = new double[length];
        for (int r = 0; r < x.Values.Length / length; r++)
        {
            int outer = r / inner;
            for (int k = 0; k < length; k++)
            {
                row[k] = x.Values[(((outer * length) + k) * inner) + (r % inner)];
            }

            double[] selected = select(row);
            for (int k = 0; k < count; k++)
            {
                y[(((outer * count) + k) * inner) + (r % inner)] = selected[k];
            }
        }

        return y;
    }

    private static int Extreme(double[] row, ArgExtreme node)
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            bool isBetter = node.IsMaximum ? row[i] > row[best] : row[i] < row[best];
            if (isBetter || (node.SelectLast && row[i] == row[best]))
            {
                best = i;
            }
        }

        return best;
    }

    private static double[] Top(double[] row, TopK node)
    {
        IEnumerable<int> indices = Enumerable.Range(0, row.Length);
        int[] order = [.. node.IsLargest ? indices.OrderByDescending(i => row[i]) : indices.OrderBy(i => row[i])];
        return [.. order.Take(node.Count).Select(i => node.GivesIndices ? i : row[i])];
    }
}
