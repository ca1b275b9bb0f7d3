namespace EdgeSparse.Compiler.Graphs;

/// <summary>Layers that rescale their input by statistics of it or of the training data.</summary>
internal static class NormalisationEvaluation
{
    public static double[] Run(Node node, Operand x, Func<string, Weight> weightOf) => node switch
    {
        BatchNorm norm => Batch(norm, x, weightOf),
        LayerNorm norm => Layer(norm, x, weightOf),
        InstanceNorm norm => Groups(norm.Scale, norm.Shift, x.Shape[1], norm.Epsilon, x, weightOf),
        GroupNorm norm => Groups(norm.Scale, norm.Shift, norm.Groups, norm.Epsilon, x, weightOf),
        LocalResponseNorm norm => LocalResponse(norm, x),
        Softmax softmax => SoftmaxOver(softmax, x),
        _ => throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be evaluated"),
    };

    private static double[] Batch(BatchNorm node, Operand x, Func<string, Weight> weightOf)
    {
        int plane = ElementMap.Product(x.Shape, 2, x.Shape.Rank);
        double[] scale = NodeEvaluation.Doubles(weightOf(node.Scale));
        double[] shift = NodeEvaluation.Doubles(weightOf(node.Shift));
        double[] mean = NodeEvaluation.Doubles(weightOf(node.Mean));
        double[] variance = NodeEvaluation.Doubles(weightOf(node.Variance));
        double[] y = new double[x.Values.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int c = i / plane % x.Shape[1];
            y[i] = (scale[c] * (x.Values[i] - mean[c]) / Math.Sqrt(variance[c] + node.Epsilon)) + shift[c];
        }

        return y;
    }

    private static double[] Layer(LayerNorm node, Operand x, Func<string, Weight> weightOf)
    {
        double[] scale = NodeEvaluation.Doubles(weightOf(node.Scale));
        double[]? shift = node.Shift is null ? null : NodeEvaluation.Doubles(weightOf(node.Shift));
        double[] y = Standardised(x.Values, scale.Length, node.Epsilon);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = (y[i] * scale[i % scale.Length]) + (shift?[i % scale.Length] ?? 0);
        }

        return y;
    }

    private static double[] Groups(string scaleName, string shiftName, int groups, float epsilon, Operand x, Func<string, Weight> weightOf)
    {
        double[] scale = NodeEvaluation.Doubles(weightOf(scaleName));
        double[] shift = NodeEvaluation.Doubles(weightOf(shiftName));
        int plane = ElementMap.Product(x.Shape, 2, x.Shape.Rank);
        double[] y = Standardised(x.Values, plane * (x.Shape[1] / groups), epsilon);
        for (int i = 0; i < y.Length; i++)
        {
            int c = i / plane % x.Shape[1];
            y[i] = (y[i] * scale[c]) + shift[c];
        }

        return y;
    }

    /// <summary>Each run of elements less its mean, over the root of its variance and epsilon.</summary>
    private static double[] Standardised(double[] x, int run, double epsilon)
    {
        double[] y = new double[x.Length];
        for (int start = 0; start < y.Length; start += run)
        {
            ReadOnlySpan<double> from = x.AsSpan(start, run);
            double sum = 0;
            foreach (double v in from)
            {
                sum += v;
            }

            double mean = sum / run;
            double squares = 0;
            foreach (double v in from)
            {
                squares += (v - mean) * (v - mean);
            }

            for (int i = 0; i < run; i++)
            {
                y[start + i] = (from[i] - mean) / Math.Sqrt((squares / run) + epsilon);
            }
        }

        return y;
    }

    private static double[] LocalResponse(LocalResponseNorm node, Operand x)
    {
        int plane = ElementMap.Product(x.Shape, 2, x.Shape.Rank);
        int channels = x.Shape[1];
        double[] y = new double[x.Values.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int c = i / plane % channels;
            int first = Math.Max(0, c - ((node.Size - 1) / 2));
            int last = Math.Min(channels - 1, c + (node.Size / 2));
            double squares = 0;
            for (int other = first; other <= last; other++)
            {
                double v = x.Values[i + ((other - c) * plane)];
                squares += v * v;
            }

            y[i] = x.Values[i] / Math.Pow(node.Bias + (node.Alpha / (double)node.Size * squares), node.Beta);
        }

        return y;
    }

    private static double[] SoftmaxOver(Softmax node, Operand x)
    {
        int axis = node.Axis < 0 ? node.Axis + x.Shape.Rank : node.Axis;
        int inner = ElementMap.Product(x.Shape, axis + 1, x.Shape.Rank);
        int length = x.Shape[axis];
        double[] y = new double[x.Values.Length];
        for (int r = 0; r < y.Length / length; r++)
        {
            int start = (r / inner * inner * length) + (r % inner);
            double max = double.NegativeInfinity;
            for (int k = 0; k < length; k++)
            {
                max = Math.Max(max, x.Values[start + (k * inner)]);
            }

            double sum = 0;
            for (int k = 0; k < length; k++)
            {
                sum += Math.Exp(x.Values[start + (k * inner)] - max);
            }

            for (int k = 0; k < length; k++)
            {
                double above = x.Values[start + (k * inner)] - max;
                y[start + (k * inner)] = node.IsLogarithm ? above - Math.Log(sum) : Math.Exp(above) / sum;
            }
        }

        return y;
    }
}
