using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

/// <summary>
/// Runs a graph in double precision by the definitions of its operators, no tricks: what others are checked against. A symbolic
/// batch is one sample.
/// </summary>
internal static class ReferenceEvaluator
{
    /// <summary>The first output for one input.</summary>
    public static double[] Run(Graph graph, ReadOnlySpan<float> input)
    {
        double[] values = new double[input.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = input[i];
        }

        Dictionary<string, double[]> activations = new() { [graph.Inputs[0].Name] = values };
        foreach (Node node in graph.Nodes)
        {
            activations[node.Output] = Run(graph, node, activations);
        }

        return activations[graph.Outputs[0]];
    }

    private static double[] Run(Graph graph, Node node, Dictionary<string, double[]> activations)
    {
        double[] x = activations[node.Inputs[0]];
        TensorShape shape = Concrete(graph.Shapes[node.Inputs[0]]);
        TensorShape result = Concrete(graph.Shapes[node.Output]);
        return node switch
        {
            Linear linear => Product(graph, linear, x),
            Conv2d conv => Convolution(graph, conv, x, shape, result),
            ConvTranspose2d conv => ConvolutionTransposed(graph, conv, x, shape, result),
            BatchNorm norm => Normalised(graph, norm, x, shape),
            Relu => [.. x.Select(v => Math.Max(v, 0))],
            LeakyRelu leaky => [.. x.Select(v => v >= 0 ? v : leaky.Alpha * v)],
            Clip clip => [.. x.Select(v => Math.Min(clip.Max, Math.Max(clip.Min, v)))],
            HardSwish => [.. x.Select(v => v * Math.Max(0, Math.Min(1, (v + 3) / 6)))],
            Sigmoid => [.. x.Select(v => 1 / (1 + Math.Exp(-v)))],
            Softmax softmax => SoftmaxOver(x, shape, softmax.Axis < 0 ? softmax.Axis + shape.Rank : softmax.Axis),
            Add add => [.. x.Zip(activations[add.Right], (a, b) => a + b)],
            Flatten or Dropout => x,
            MaxPool pool => Pool(x, shape, result, pool.Window, (taps, _) => taps.Max()),
            AveragePool pool => Pool(x, shape, result, pool.Window, (taps, area) => taps.Sum() / (pool.CountIncludePad ? area : taps.Count)),
            GlobalAveragePool => [.. x.Chunk(shape[2] * shape[3]).Select(plane => plane.Average())],
            _ => throw new InvalidOperationException($"no reference for {node.Operator}"),
        };
    }

    private static double[] Product(Graph graph, Linear node, double[] x)
    {
        Weight weight = graph.WeightOf(node.Weight);
        int outputs = weight.Shape[0];
        int inputs = weight.Shape[1];
        double[] y = new double[x.Length / inputs * outputs];
        for (int i = 0; i < y.Length; i++)
        {
            int o = i % outputs;
            double sum = node.Bias is null ? 0 : graph.WeightOf(node.Bias).Values.Span[o];
            for (int k = 0; k < inputs; k++)
            {
                sum += (double)weight.Values.Span[(o * inputs) + k] * x[(i / outputs * inputs) + k];
            }

            y[i] = sum;
        }

        return y;
    }

    private static double[] Convolution(Graph graph, Conv2d node, double[] x, TensorShape shape, TensorShape result)
    {
        Weight weight = graph.WeightOf(node.Weight);
        ReadOnlySpan<float> w = weight.Values.Span;
        int channels = weight.Shape[1];
        int outputsInGroup = weight.Shape[0] / node.Groups;
        double[] y = new double[result.ElementCount];
        for (int i = 0; i < y.Length; i++)
        {
            (int image, int row, int column) = Position(i, result);
            int o = image % result[1];
            double sum = node.Bias is null ? 0 : graph.WeightOf(node.Bias).Values.Span[o];
            for (int c = 0; c < channels; c++)
            {
                int plane = ((image / result[1] * shape[1]) + (o / outputsInGroup * channels) + c) * shape[2] * shape[3];
                foreach ((int ky, int kx, int pixel) in Taps(node.Window, shape, row, column))
                {
                    sum += w[(((((o * channels) + c) * node.Window.KernelY) + ky) * node.Window.KernelX) + kx] * x[plane + pixel];
                }
            }

            y[i] = sum;
        }

        return y;
    }

    private static double[] ConvolutionTransposed(Graph graph, ConvTranspose2d node, double[] x, TensorShape shape, TensorShape result)
    {
        Weight weight = graph.WeightOf(node.Weight);
        ReadOnlySpan<float> w = weight.Values.Span;
        Window2d window = node.Window;
        int inputsInGroup = shape[1] / node.Groups;
        int outputsInGroup = weight.Shape[1];
        double[] y = new double[result.ElementCount];
        for (int i = 0; i < y.Length; i++)
        {
            (int image, _, _) = Position(i, result);
            y[i] = node.Bias is null ? 0 : graph.WeightOf(node.Bias).Values.Span[image % result[1]];
        }

        for (int i = 0; i < x.Length; i++)
        {
            (int image, int row, int column) = Position(i, shape);
            int c = image % shape[1];
            for (int k = 0; k < outputsInGroup * window.KernelY * window.KernelX; k++)
            {
                int o = (c / inputsInGroup * outputsInGroup) + (k / (window.KernelY * window.KernelX));
                int outRow = (row * window.StrideY) + (k / window.KernelX % window.KernelY * window.DilationY) - window.PadTop;
                int outColumn = (column * window.StrideX) + (k % window.KernelX * window.DilationX) - window.PadLeft;
                if (outRow >= 0 && outRow < result[2] && outColumn >= 0 && outColumn < result[3])
                {
                    int plane = (image / shape[1] * result[1]) + o;
                    y[(((plane * result[2]) + outRow) * result[3]) + outColumn] += w[(c * outputsInGroup * window.KernelY * window.KernelX) + k] * x[i];
                }
            }
        }

        return y;
    }

    private static double[] Normalised(Graph graph, BatchNorm node, double[] x, TensorShape shape)
    {
        int plane = shape.Dims.Skip(2).Aggregate(1, (a, b) => a * b);
        float At(string weight, int i) => graph.WeightOf(weight).Values.Span[i / plane % shape[1]];
        return [.. x.Select((v, i) =>
            (At(node.Scale, i) * (v - At(node.Mean, i)) / Math.Sqrt((double)At(node.Variance, i) + node.Epsilon)) + At(node.Shift, i))];
    }

    private static double[] SoftmaxOver(double[] x, TensorShape shape, int axis)
    {
        int inner = shape.Dims.Skip(axis + 1).Aggregate(1, (a, b) => a * b);
        int length = shape[axis];
        double[] y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int start = (i / (inner * length) * inner * length) + (i % inner);
            double[] row = [.. Enumerable.Range(0, length).Select(k => x[start + (k * inner)])];
            y[i] = Math.Exp(x[i] - row.Max()) / row.Sum(v => Math.Exp(v - row.Max()));
        }

        return y;
    }

    private static double[] Pool(
        double[] x, TensorShape shape, TensorShape result, Window2d window, Func<List<double>, int, double> reduce)
    {
        double[] y = new double[result.ElementCount];
        for (int i = 0; i < y.Length; i++)
        {
            (int image, int row, int column) = Position(i, result);
            List<double> taps = [.. Taps(window, shape, row, column).Select(t => x[(image * shape[2] * shape[3]) + t.Pixel])];

            // With ceil_mode the last window may reach beyond the padding; what lies beyond does not count at all.
            int rows = Enumerable.Range(0, window.KernelY)
                .Count(k => (row * window.StrideY) - window.PadTop + (k * window.DilationY) < shape[2] + window.PadBottom);
            int columns = Enumerable.Range(0, window.KernelX)
                .Count(k => (column * window.StrideX) - window.PadLeft + (k * window.DilationX) < shape[3] + window.PadRight);
            y[i] = reduce(taps, rows * columns);
        }

        return y;
    }

    private static TensorShape Concrete(TensorShape shape) => shape.IsBatchSymbolic ? shape.WithBatch(1) : shape;

    /// <summary>Image counts the channels of all samples.</summary>
    private static (int Image, int Row, int Column) Position(int index, TensorShape shape) =>
        (index / (shape[2] * shape[3]), index / shape[3] % shape[2], index % shape[3]);

    /// <summary>The taps of a window that lie on pixels, not on padding.</summary>
    private static IEnumerable<(int KernelY, int KernelX, int Pixel)> Taps(Window2d window, TensorShape shape, int row, int column)
    {
        for (int ky = 0; ky < window.KernelY; ky++)
        {
            for (int kx = 0; kx < window.KernelX; kx++)
            {
                int y = (row * window.StrideY) - window.PadTop + (ky * window.DilationY);
                int x = (column * window.StrideX) - window.PadLeft + (kx * window.DilationX);
                if (y >= 0 && y < shape[2] && x >= 0 && x < shape[3])
                {
                    yield return (ky, kx, (y * shape[3]) + x);
                }
            }
        }
    }
}
