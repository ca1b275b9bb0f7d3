namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// Folds each BatchNorm into the Conv2d, ConvTranspose2d or Linear before it: W' = W · s and b' = (b − mean) · s + shift per output, with
/// s = scale / sqrt(variance + epsilon), in double precision. Masks stay as they are.
/// </summary>
/// <remarks>
/// A BatchNorm stays where nothing can take it: after another operator, after a layer whose output has other readers or is an
/// output of the graph, and after a Linear on more than two dimensions (its outputs are not the channels).
/// </remarks>
public static class FoldBatchNorm
{
    /// <exception cref="GraphException">A BatchNorm divides by zero, or a folded weight exceeds fp32.</exception>
    public static Graph Apply(Graph g) => AffineFolding.Apply(g, (node, axis) => AffineOf(g, node, axis));

    /// <summary>The normalisation of each channel as y = x · factor + shift; null for another node, or where its channels are not the axis.</summary>
    /// <exception cref="GraphException">It divides by zero.</exception>
    public static ChannelAffine? AffineOf(Graph g, Node node, int axis)
    {
        if (node is not BatchNorm norm || axis != 1)
        {
            return null;
        }

        ReadOnlySpan<float> scale = g.WeightOf(norm.Scale).Values.Span;
        ReadOnlySpan<float> shift = g.WeightOf(norm.Shift).Values.Span;
        ReadOnlySpan<float> mean = g.WeightOf(norm.Mean).Values.Span;
        ReadOnlySpan<float> variance = g.WeightOf(norm.Variance).Values.Span;
        double[] factors = new double[scale.Length];
        double[] shifts = new double[scale.Length];
        for (int c = 0; c < factors.Length; c++)
        {
            double spread = (double)variance[c] + norm.Epsilon;
            if (!(spread > 0))
            {
                throw new GraphException($"layer '{norm.Name}' (BatchNorm) has variance + epsilon = {spread} in channel {c}; it must be positive");
            }

            factors[c] = scale[c] / Math.Sqrt(spread);
            shifts[c] = shift[c] - (mean[c] * factors[c]);
        }

        return new ChannelAffine(norm.Input, [.. factors], [.. shifts]);
    }
}
