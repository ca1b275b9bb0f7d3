using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Files;

/// <summary>
/// Weights that a file keeps in two, values and a mask of ones and zeros: <c>fc1._layer.weight</c> with <c>fc1._weight_mask</c> as in
/// the published checkpoints of WoodFisher, or <c>fc1.weight_orig</c> with <c>fc1.weight_mask</c> as torch.nn.utils.prune does.
/// </summary>
internal static class PrunedWeights
{
    private const string WrappedPart = "._layer.";
    private const string OriginalEnding = "_orig";

    /// <summary>The tensors with each pair as one under its usual name, zero where its mask is; the others as they are.</summary>
    /// <param name="tensors">By name.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="WeightsException">A mask has another shape than its values, or something beside 0 and 1.</exception>
    public static IReadOnlyDictionary<string, Weight> Merge(IReadOnlyDictionary<string, Weight> tensors, string path)
    {
        Dictionary<string, Weight> merged = new(tensors, StringComparer.Ordinal);
        foreach ((string name, Weight values) in tensors)
        {
            if (NamesOf(name) is not ({ } usual, { } maskName) || tensors.ContainsKey(usual))
            {
                continue;
            }

            Weight? mask = tensors.GetValueOrDefault(maskName);
            if (mask is null && !name.Contains(WrappedPart, StringComparison.Ordinal))
            {
                continue;
            }

            merged.Remove(name);
            merged.Remove(maskName);
            merged[usual] = mask is null ? values.Renamed(usual) : Masked(usual, values, mask, path);
        }

        return merged;
    }

    /// <summary>The usual name of a weight that is kept in two, and the name of its mask.</summary>
    private static (string Usual, string Mask)? NamesOf(string name)
    {
        int wrapped = name.LastIndexOf(WrappedPart, StringComparison.Ordinal);
        if (wrapped >= 0)
        {
            string layer = name[..wrapped];
            string parameter = name[(wrapped + WrappedPart.Length)..];
            return ($"{layer}.{parameter}", $"{layer}._{parameter}_mask");
        }

        return name.EndsWith(OriginalEnding, StringComparison.Ordinal)
            ? (name[..^OriginalEnding.Length], $"{name[..^OriginalEnding.Length]}_mask")
            : null;
    }

    private static Weight Masked(string name, Weight values, Weight mask, string path)
    {
        if (mask.Shape != values.Shape)
        {
            throw new WeightsException($"'{path}' has the mask '{mask.Name}' of shape {mask.Shape} for '{values.Name}' of shape {values.Shape}");
        }

        float[] kept = values.Values.ToArray();
        ReadOnlySpan<float> ones = mask.Values.Span;
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = ones[i] switch
            {
                1 => kept[i],
                0 => 0,
                _ => throw new WeightsException($"'{path}' has {ones[i]} as element {i} of the mask '{mask.Name}'; a mask has 0 and 1"),
            };
        }

        return new Weight(name, values.Shape, kept);
    }
}
