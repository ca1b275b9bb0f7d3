using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// How pixels become network input: (pixel/255 − mean) / std per channel, channel-row-column order. Travels in the graph's
/// metadata under <see cref="MeanKey"/> and <see cref="StdKey"/>, comma-separated per channel.
/// </summary>
public sealed record InputScaling(ImmutableArray<float> Mean, ImmutableArray<float> Std)
{
    public const string MeanKey = "edgesparse.input.mean";
    public const string StdKey = "edgesparse.input.std";

    /// <summary>Reads the scaling from a graph, or null when it has none.</summary>
    /// <exception cref="GraphException">The metadata is malformed or a standard deviation is not positive.</exception>
    public static InputScaling? Of(Graph graph)
    {
        if (!graph.Metadata.TryGetValue(MeanKey, out string? mean) || !graph.Metadata.TryGetValue(StdKey, out string? std))
        {
            return null;
        }

        InputScaling scaling = new(Parse(MeanKey, mean), Parse(StdKey, std));
        if (scaling.Mean.Length != scaling.Std.Length || scaling.Std.Any(s => s <= 0))
        {
            throw new GraphException($"metadata '{MeanKey}' and '{StdKey}' need one value a channel, the deviations positive");
        }

        return scaling;
    }

    public Graph ApplyTo(Graph graph) => graph.WithMetadata(MeanKey, Format(Mean)).WithMetadata(StdKey, Format(Std));

    /// <summary>Scales one sample in place.</summary>
    /// <param name="sample">Channels one after another: as many as there are means, of equal length.</param>
    /// <exception cref="GraphException">The sample does not divide into the channels.</exception>
    public void Scale(Span<float> sample)
    {
        if (Mean.IsEmpty || sample.Length % Mean.Length != 0)
        {
            throw new GraphException($"a sample of {sample.Length} values does not divide into the {Mean.Length} channels of its scaling");
        }

        int plane = sample.Length / Mean.Length;
        for (int c = 0; c < Mean.Length; c++)
        {
            Span<float> channel = sample.Slice(c * plane, plane);
            TensorPrimitives.Subtract(channel, Mean[c], channel);
            TensorPrimitives.Divide(channel, Std[c], channel);
        }
    }

    private static string Format(ImmutableArray<float> values) =>
        string.Join(',', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));

    private static ImmutableArray<float> Parse(string key, string text)
    {
        string[] parts = text.Split(',');
        var values = ImmutableArray.CreateBuilder<float>(parts.Length);
        foreach (string part in parts)
        {
            values.Add(float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
                ? value
                : throw new GraphException($"metadata '{key}' has '{part}', which is no number"));
        }

        return values.DrainToImmutable();
    }
}
