using System.Collections.Immutable;

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
    public static Graph Apply(Graph g)
    {
        List<Node> nodes = [.. g.Nodes];
        var weights = g.Weights.ToBuilder();
        foreach (BatchNorm norm in g.Nodes.OfType<BatchNorm>())
        {
            int index = nodes.FindIndex(n => n.Output == norm.Input);
            if (index >= 0 && nodes[index] is WeightedLayer before && TakesOver(g, nodes, before, norm))
            {
                nodes[index] = Folded(nodes, before, norm, weights, g.Shapes.ContainsKey);
                nodes.Remove(norm);
            }
        }

        return nodes.Count == g.Nodes.Length ? g : g.WithNodes([.. nodes], UsedWeights.Of(nodes, weights));
    }

    private static bool TakesOver(Graph g, List<Node> nodes, WeightedLayer before, BatchNorm norm) =>
        (before is not Linear || g.Shapes[norm.Input].Rank == 2)
        && !g.Outputs.Contains(norm.Input)
        && nodes.Sum(n => n.Inputs.Count(i => i == norm.Input)) == 1;

    private static WeightedLayer Folded(
        List<Node> nodes, WeightedLayer before, BatchNorm norm, ImmutableDictionary<string, Weight>.Builder weights, Func<string, bool> isActivation)
    {
        string weightName = before.Weight;
        string? biasName = before.Bias;
        (double[] factors, double[] shifts) = Affine(norm, weights);

        string Free(string wanted, bool isOwn)
        {
            string free = wanted;
            for (int i = 2; !isOwn && (weights.ContainsKey(free) || isActivation(free)); i++)
            {
                free = $"{wanted}_{i}";
            }

            return free;
        }

        Weight weight = Scaled(norm, weights[weightName], before.KernelsOf(weights[weightName].Shape), factors).Renamed(Free(weightName, isOwn: IsReadOnce(nodes, weightName)));
        float[] biases = new float[factors.Length];
        for (int o = 0; o < biases.Length; o++)
        {
            double old = biasName is null ? 0 : weights[biasName].Values.Span[o];
            biases[o] = Finite(norm, (float)((old * factors[o]) + shifts[o]));
        }

        string newBias = Free(
            biasName ?? (weightName.EndsWith(".weight", StringComparison.Ordinal) ? $"{weightName[..^7]}.bias" : $"{before.Name}.bias"),
            isOwn: biasName is not null && IsReadOnce(nodes, biasName));
        weights[weight.Name] = weight;
        weights[newBias] = new Weight(newBias, new TensorShape(biases.Length), biases);
        return before with { Weight = weight.Name, Bias = newBias, Output = norm.Output };
    }

    private static bool IsReadOnce(List<Node> nodes, string weight) => nodes.Sum(n => n.WeightNames.Count(w => w == weight)) == 1;

    /// <summary>The normalisation of each channel as y = x · factor + shift.</summary>
    private static (double[] Factors, double[] Shifts) Affine(BatchNorm norm, ImmutableDictionary<string, Weight>.Builder weights)
    {
        ReadOnlySpan<float> scale = weights[norm.Scale].Values.Span;
        ReadOnlySpan<float> shift = weights[norm.Shift].Values.Span;
        ReadOnlySpan<float> mean = weights[norm.Mean].Values.Span;
        ReadOnlySpan<float> variance = weights[norm.Variance].Values.Span;
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

        return (factors, shifts);
    }

    private static Weight Scaled(BatchNorm norm, Weight weight, KernelGrid kernels, double[] factors)
    {
        float[] values = weight.Values.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Finite(norm, (float)(values[i] * factors[kernels.OutputOf(i)]));
        }

        return weight.With(values);
    }

    private static float Finite(BatchNorm norm, float value) =>
        float.IsFinite(value) ? value : throw new GraphException($"layer '{norm.Name}' (BatchNorm) folds to the weight {value}, which fp32 cannot hold");
}
