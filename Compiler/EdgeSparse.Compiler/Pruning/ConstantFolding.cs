using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// Follows channels that are the same constant at every pixel, whatever the input, and folds them into the biases of the layers
/// that read them.
/// </summary>
internal static class ConstantFolding
{
    public static void Apply(ConnectionTable connections)
    {
        Graph graph = connections.Graph;
        Dictionary<string, double?[]> constants = [];
        foreach (GraphValue input in graph.Inputs)
        {
            constants[input.Name] = new double?[Channels(graph, input.Name)];
        }

        foreach (Node node in graph.Nodes)
        {
            constants[node.Output] = Through(connections, node, constants);
        }
    }

    private static double?[] Through(ConnectionTable connections, Node node, Dictionary<string, double?[]> constants)
    {
        Graph graph = connections.Graph;
        double?[] x = constants[node.Inputs[0]];
        switch (node)
        {
            case WeightedLayer when connections.Of(node) is { } layer:
                return ThroughLayer(layer, x);
            case PointwiseActivation activation:
                return [.. x.Select(c => c is { } value ? activation.Apply(value) : default(double?))];
            case BatchNorm norm:
                return ThroughBatchNorm(graph, norm, x);
            case Dropout or MaxPool or GlobalAveragePool:
                return x;
            case AveragePool pool:
                // Counted padding dims the border, unless there is nothing to dim.
                bool even = !pool.CountIncludePad || pool.Window is { PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 };
                return [.. x.Select(c => even || c == 0 ? c : null)];
            case Flatten:
                int area = Channels(graph, node.Output) / x.Length;
                return [.. x.SelectMany(c => Enumerable.Repeat(c, area))];
            case Add add:
                return [.. x.Zip(constants[add.Right], (a, b) => a + b)];
            default:
                return new double?[Channels(graph, node.Output)];
        }
    }

    private static double?[] ThroughLayer(ConnectionTable.Layer layer, double?[] x)
    {
        // The pixels of a transposed convolution sum over different parts of the kernel, not at its borders only.
        bool uneven = layer.Node is ConvTranspose2d or Conv2d { Window: not { PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 } };
        for (int input = 0; input < x.Length; input++)
        {
            // Padding is zero, so beside it a constant channel is not constant: only a channel of zeros is.
            if (x[input] is { } constant && (constant == 0 || !uneven))
            {
                layer.FoldInput(input, constant);
            }
        }

        return [.. Enumerable.Range(0, layer.Outputs).Select(o => layer.HasInputs(o) ? default(double?) : layer.Bias[o])];
    }

    private static double?[] ThroughBatchNorm(Graph graph, BatchNorm norm, double?[] x)
    {
        ReadOnlySpan<float> scale = graph.WeightOf(norm.Scale).Values.Span;
        ReadOnlySpan<float> shift = graph.WeightOf(norm.Shift).Values.Span;
        ReadOnlySpan<float> mean = graph.WeightOf(norm.Mean).Values.Span;
        ReadOnlySpan<float> variance = graph.WeightOf(norm.Variance).Values.Span;
        double?[] y = new double?[x.Length];
        for (int c = 0; c < x.Length; c++)
        {
            y[c] = (scale[c] * (x[c] - mean[c]) / Math.Sqrt(variance[c] + norm.Epsilon)) + shift[c];
        }

        return y;
    }

    private static int Channels(Graph graph, string value) => UnusedRemoval.Channels(graph.Shapes[value]);
}
