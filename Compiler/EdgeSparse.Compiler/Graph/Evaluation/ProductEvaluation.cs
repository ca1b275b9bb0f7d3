namespace EdgeSparse.Compiler.Graphs;

/// <summary>Products with weights and of two activations.</summary>
internal static class ProductEvaluation
{
    public static double[] Run(Linear node, Operand x, TensorShape result, Func<string, Weight> weightOf)
    {
        Weight weight = weightOf(node.Weight);
        ReadOnlySpan<float> w = weight.Values.Span;
        int outputs = weight.Shape[0];
        int inputs = weight.Shape[1];
        double[] y = new double[result.ElementCount];
        for (int i = 0; i < y.Length; i++)
        {
            ReadOnlySpan<float> row = w.Slice(i % outputs * inputs, inputs);
            ReadOnlySpan<double> from = x.Values.AsSpan(i / outputs * inputs, inputs);
            double sum = BiasOf(node, i % outputs, weightOf);
            for (int k = 0; k < row.Length; k++)
            {
                sum += row[k] * from[k];
            }

            y[i] = sum;
        }

        return y;
    }

    public static double[] Run(Conv2d node, Operand x, TensorShape result, Func<string, Weight> weightOf)
    {
        Weight weight = weightOf(node.Weight);
        ReadOnlySpan<float> w = weight.Values.Span;
        Window2d window = node.Window;
        int channels = weight.Shape[1];
        int outputsInGroup = weight.Shape[0] / node.Groups;
        int kernel = window.KernelY * window.KernelX;
        double[] y = new double[result.ElementCount];
        for (int plane = 0; plane < result[0] * result[1]; plane++)
        {
            int o = plane % result[1];
            Span<double> to = y.AsSpan(plane * result[2] * result[3], result[2] * result[3]);
            to.Fill(BiasOf(node, o, weightOf));
            for (int t = 0; t < channels * kernel; t++)
            {
                int c = (o / outputsInGroup * channels) + (t / kernel);
                ReadOnlySpan<double> from = x.Values.AsSpan(((plane / result[1] * x.Shape[1]) + c) * x.Shape[2] * x.Shape[3], x.Shape[2] * x.Shape[3]);
                AddTap(w[(o * channels * kernel) + t], from, to, x.Shape, result, window, t % kernel);
            }
        }

        return y;
    }

    public static double[] Run(ConvTranspose2d node, Operand x, TensorShape result, Func<string, Weight> weightOf)
    {
        Weight weight = weightOf(node.Weight);
        ReadOnlySpan<float> w = weight.Values.Span;
        Window2d window = node.Window;
        int inputsInGroup = x.Shape[1] / node.Groups;
        int outputsInGroup = weight.Shape[1];
        int kernel = window.KernelY * window.KernelX;
        double[] y = new double[result.ElementCount];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = BiasOf(node, i / (result[2] * result[3]) % result[1], weightOf);
        }

        for (int i = 0; i < x.Values.Length; i++)
        {
            int plane = i / (x.Shape[2] * x.Shape[3]);
            int c = plane % x.Shape[1];
            for (int k = 0; k < outputsInGroup * kernel; k++)
            {
                int o = (c / inputsInGroup * outputsInGroup) + (k / kernel);
                int row = (i / x.Shape[3] % x.Shape[2] * window.StrideY) + (k % kernel / window.KernelX * window.DilationY) - window.PadTop;
                int column = (i % x.Shape[3] * window.StrideX) + (k % window.KernelX * window.DilationX) - window.PadLeft;
                if (row >= 0 && row < result[2] && column >= 0 && column < result[3])
                {
                    int to = (((((plane / x.Shape[1] * result[1]) + o) * result[2]) + row) * result[3]) + column;
                    y[to] += w[(c * outputsInGroup * kernel) + k] * x.Values[i];
                }
            }
        }

        return y;
    }

    /// <summary>[..., m, k] · [..., k, n].</summary>
    public static double[] MatMul(Operand left, Operand right, TensorShape result)
    {
        int rows = result[result.Rank - 2];
        int columns = result[result.Rank - 1];
        int inner = left.Shape[left.Shape.Rank - 1];
        int[] lefts = Matrices(left.Shape, result);
        int[] rights = Matrices(right.Shape, result);
        double[] y = new double[result.ElementCount];
        for (int i = 0; i < y.Length; i++)
        {
            int matrix = i / (rows * columns);
            int l = ((lefts[matrix] * rows) + (i / columns % rows)) * inner;
            int r = (rights[matrix] * inner * columns) + (i % columns);
            double sum = 0;
            for (int k = 0; k < inner; k++)
            {
                sum += left.Values[l + k] * right.Values[r + (k * columns)];
            }

            y[i] = sum;
        }

        return y;
    }

    /// <summary>Which matrix of an operand each matrix of the result is made of.</summary>
    private static int[] Matrices(TensorShape operand, TensorShape result) =>
        ElementMap.Of(
            new Expand("", "", "", new TensorShape(result.Dims.AsSpan()[..^2])),
            new TensorShape(operand.Dims.AsSpan()[..^2]))!;

    private static void AddTap(
        double weight, ReadOnlySpan<double> from, Span<double> to, TensorShape x, TensorShape result, Window2d window, int tap)
    {
        if (weight == 0)
        {
            return;
        }

        int dy = (tap / window.KernelX * window.DilationY) - window.PadTop;
        int dx = (tap % window.KernelX * window.DilationX) - window.PadLeft;
        for (int row = 0; row < result[2]; row++)
        {
            int y = (row * window.StrideY) + dy;
            if (y < 0 || y >= x[2])
            {
                continue;
            }

            for (int column = 0; column < result[3]; column++)
            {
                int at = (column * window.StrideX) + dx;
                if (at >= 0 && at < x[3])
                {
                    to[(row * result[3]) + column] += weight * from[(y * x[3]) + at];
                }
            }
        }
    }

    private static double BiasOf(WeightedLayer node, int output, Func<string, Weight> weightOf) =>
        node.Bias is null ? 0 : weightOf(node.Bias).Values.Span[output];
}
