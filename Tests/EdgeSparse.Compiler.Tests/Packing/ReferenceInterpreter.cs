using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Packing;

/// <summary>
/// Runs a graph straight from the definitions of its operators, in double precision, one pixel after the other: nothing of
/// layouts, offsets or formats, so that what the packer and the kernels do has something independent to agree with.
/// </summary>
internal static class ReferenceInterpreter
{
    /// <summary>The values of all activations for one sample, row-major.</summary>
    public static Dictionary<string, double[]> Run(Graph graph, params float[][] inputs)
    {
        Dictionary<string, double[]> values = [];
        for (int i = 0; i < inputs.Length; i++)
        {
            values[graph.Inputs[i].Name] = Array.ConvertAll(inputs[i], v => (double)v);
        }

        foreach (Node node in graph.Nodes)
        {
            values[node.Output] = Apply(graph, node, values, values[node.Inputs[0]]);
        }

        return values;
    }

    private static double[] Apply(Graph graph, Node node, Dictionary<string, double[]> values, double[] x) => node switch
    {
        Linear linear => ApplyLinear(graph, linear, x),
        Conv2d conv => ApplyConv(graph, conv, x),
        BatchNorm norm => ApplyBatchNorm(graph, norm, x),
        Relu => Array.ConvertAll(x, v => Math.Max(v, 0)),
        Flatten or Dropout => x,
        Add add => [.. x.Zip(values[add.Right], (a, b) => a + b)],
        Softmax softmax => ApplySoftmax(graph.Shapes[node.Output], softmax, x),
        MaxPool pool => ApplyPool(graph, node, pool.Window, x, taps => taps.Inside.Max()),
        AveragePool pool => ApplyPool(
            graph, node, pool.Window, x, taps => taps.Inside.Sum() / (pool.CountIncludePad ? taps.Padded : taps.Inside.Count)),
        GlobalAveragePool => ApplyPool(
            graph, node, new Window2d(graph.Shapes[node.Inputs[0]][2], graph.Shapes[node.Inputs[0]][3]), x, taps => taps.Inside.Average()),
        _ => throw new InvalidOperationException($"no reference for {node.Operator}"),
    };

    private static double[] ApplyLinear(Graph graph, Linear node, double[] x)
    {
        Weight weight = graph.WeightOf(node.Weight);
        ReadOnlySpan<float> factors = weight.Values.Span;
        double[] y = new double[weight.Shape[0]];
        for (int o = 0; o < y.Length; o++)
        {
            y[o] = Bias(graph, node.Bias, o);
            for (int i = 0; i < x.Length; i++)
            {
                y[o] += (double)factors[(o * x.Length) + i] * x[i];
            }
        }

        return y;
    }

    private static double[] ApplyConv(Graph graph, Conv2d node, double[] x)
    {
        Weight weight = graph.WeightOf(node.Weight);
        ReadOnlySpan<float> factors = weight.Values.Span;
        TensorShape input = graph.Shapes[node.Input];
        TensorShape output = graph.Shapes[node.Output];
        Window2d w = node.Window;
        double[] y = new double[output.ElementCount];
        int next = 0;
        for (int o = 0; o < output[1]; o++)
        {
            int firstChannel = o / (output[1] / node.Groups) * weight.Shape[1];
            for (int row = 0; row < output[2]; row++)
            {
                for (int column = 0; column < output[3]; column++)
                {
                    double sum = Bias(graph, node.Bias, o);
                    int tap = o * weight.Shape[1] * w.KernelY * w.KernelX;
                    for (int c = 0; c < weight.Shape[1]; c++)
                    {
                        for (int ky = 0; ky < w.KernelY; ky++)
                        {
                            for (int kx = 0; kx < w.KernelX; kx++)
                            {
                                int sourceRow = (row * w.StrideY) + (ky * w.DilationY) - w.PadTop;
                                int sourceColumn = (column * w.StrideX) + (kx * w.DilationX) - w.PadLeft;
                                double factor = factors[tap++];
                                if (sourceRow >= 0 && sourceRow < input[2] && sourceColumn >= 0 && sourceColumn < input[3])
                                {
                                    sum += factor * x[((((firstChannel + c) * input[2]) + sourceRow) * input[3]) + sourceColumn];
                                }
                            }
                        }
                    }

                    y[next++] = sum;
                }
            }
        }

        return y;
    }

    private static double[] ApplyBatchNorm(Graph graph, BatchNorm node, double[] x)
    {
        TensorShape shape = graph.Shapes[node.Input];
        int pixels = shape.ElementCount / shape[1];
        double[] y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int c = i / pixels;
            double At(string name) => graph.WeightOf(name).Values.Span[c];
            y[i] = (At(node.Scale) * (x[i] - At(node.Mean)) / Math.Sqrt(At(node.Variance) + node.Epsilon)) + At(node.Shift);
        }

        return y;
    }

    private static double[] ApplySoftmax(TensorShape shape, Softmax node, double[] x)
    {
        int axis = node.Axis < 0 ? node.Axis + shape.Rank : node.Axis;
        int length = shape[axis];
        int inner = 1;
        for (int d = axis + 1; d < shape.Rank; d++)
        {
            inner *= shape[d];
        }

        double[] y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int first = (i / (inner * length) * inner * length) + (i % inner);
            double sum = 0;
            for (int k = 0; k < length; k++)
            {
                sum += Math.Exp(x[first + (k * inner)] - x[i]);
            }

            y[i] = 1 / sum;
        }

        return y;
    }

    /// <param name="Inside">Pixels of the window that lie in the input.</param>
    /// <param name="Padded">Positions of the window inside the input or its padding.</param>
    private readonly record struct Taps(List<double> Inside, int Padded);

    private static double[] ApplyPool(Graph graph, Node node, Window2d w, double[] x, Func<Taps, double> reduce)
    {
        TensorShape input = graph.Shapes[node.Inputs[0]];
        TensorShape output = graph.Shapes[node.Output];
        List<double> y = [];
        for (int c = 0; c < output[1]; c++)
        {
            for (int row = 0; row < output[2]; row++)
            {
                for (int column = 0; column < output[3]; column++)
                {
                    Taps taps = new([], 0);
                    for (int ky = 0; ky < w.KernelY; ky++)
                    {
                        for (int kx = 0; kx < w.KernelX; kx++)
                        {
                            int r = (row * w.StrideY) + (ky * w.DilationY) - w.PadTop;
                            int q = (column * w.StrideX) + (kx * w.DilationX) - w.PadLeft;
                            if (r >= 0 && r < input[2] && q >= 0 && q < input[3])
                            {
                                taps.Inside.Add(x[(((c * input[2]) + r) * input[3]) + q]);
                            }

                            if (r < input[2] + w.PadBottom && q < input[3] + w.PadRight)
                            {
                                taps = taps with { Padded = taps.Padded + 1 };
                            }
                        }
                    }

                    y.Add(reduce(taps));
                }
            }
        }

        return [.. y];
    }

    private static double Bias(Graph graph, string? name, int output) =>
        name is null ? 0 : graph.WeightOf(name).Values.Span[output];
}
