using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// Folds what only scales and shifts each output of a Conv2d, ConvTranspose2d or Linear into its weight and bias:
/// W' = W · factor and b' = b · factor + shift per output, in double precision. Masks stay as they are.
/// </summary>
internal static class AffineFolding
{
    /// <param name="g">The graph.</param>
    /// <param name="affineOf">
    /// What a node right after a layer does to each of its outputs, given the dimension that they are; null where it does something else.
    /// </param>
    /// <exception cref="GraphException">A folded weight exceeds fp32.</exception>
    public static Graph Apply(Graph g, Func<Node, int, ChannelAffine?> affineOf)
    {
        List<Node> nodes = [.. g.Nodes];
        var weights = g.Weights.ToBuilder();
        foreach (Node node in g.Nodes)
        {
            // What nodes read keeps its name through foldings: the layer takes over the name of the last one.
            foreach (string input in node.Inputs.Distinct())
            {
                int index = nodes.FindIndex(n => n.Output == input);
                if (index >= 0 && nodes[index] is WeightedLayer before && IsOnlyReader(g, nodes, input)
                    && affineOf(node, before is Linear ? g.Shapes[input].Rank - 1 : 1) is { } affine && affine.Input == input)
                {
                    nodes[index] = Folded(nodes, before, node, affine, weights, g.Shapes.ContainsKey);
                    nodes.Remove(node);
                    break;
                }
            }
        }

        return nodes.Count == g.Nodes.Length ? g : g.WithNodes([.. nodes], UsedWeights.Of(nodes, weights));
    }

    private static bool IsOnlyReader(Graph g, List<Node> nodes, string value) =>
        !g.Outputs.Contains(value) && nodes.Sum(n => n.Inputs.Count(i => i == value)) == 1;

    private static WeightedLayer Folded(
        List<Node> nodes, WeightedLayer before, Node folded, ChannelAffine affine,
        ImmutableDictionary<string, Weight>.Builder weights, Func<string, bool> isActivation)
    {
        string weightName = before.Weight;
        string? biasName = before.Bias;

        string Free(string wanted, bool isOwn)
        {
            string free = wanted;
            for (int i = 2; !isOwn && (weights.ContainsKey(free) || isActivation(free)); i++)
            {
                free = $"{wanted}_{i}";
            }

            return free;
        }

        Weight weight = Scaled(folded, weights[weightName], before.KernelsOf(weights[weightName].Shape), affine.Factors)
            .Renamed(Free(weightName, isOwn: IsReadOnce(nodes, weightName)));
        float[] biases = new float[affine.Factors.Length];
        for (int o = 0; o < biases.Length; o++)
        {
            double old = biasName is null ? 0 : weights[biasName].Values.Span[o];
            biases[o] = Finite(folded, (float)((old * affine.Factors[o]) + affine.Shifts[o]));
        }

        string newBias = Free(
            biasName ?? (weightName.EndsWith(".weight", StringComparison.Ordinal) ? $"{weightName[..^7]}.bias" : $"{before.Name}.bias"),
            isOwn: biasName is not null && IsReadOnce(nodes, biasName));
        weights[weight.Name] = weight;
        weights[newBias] = new Weight(newBias, new TensorShape(biases.Length), biases);
        return before with { Weight = weight.Name, Bias = newBias, Output = folded.Output };
    }

    private static bool IsReadOnce(List<Node> nodes, string weight) => nodes.Sum(n => n.WeightNames.Count(w => w == weight)) == 1;

    private static Weight Scaled(Node folded, Weight weight, KernelGrid kernels, ImmutableArray<double> factors)
    {
        float[] values = weight.Values.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Finite(folded, (float)(values[i] * factors[kernels.OutputOf(i)]));
        }

        return weight.With(values);
    }

    private static float Finite(Node folded, float value) => float.IsFinite(value)
        ? value
        : throw new GraphException($"layer '{folded.Name}' ({folded.Operator}) folds to the weight {value}, which fp32 cannot hold");
}
