using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Verification;

/// <summary>Says of each layer of a blob what runs it, why, and how long it takes.</summary>
public static class LayerReports
{
    private const int MostBatches = 200;
    private const int LeastBatches = 5;

    /// <summary>What the blob says of itself; nothing is run.</summary>
    /// <param name="model">A blob; its metadata may list layers; see docs/format.md.</param>
    /// <exception cref="BlobFormatException">The metadata is no JSON.</exception>
    public static ImmutableArray<LayerReport> Describe(Model model)
    {
        Dictionary<string, PackedNote> packed = Packed(model.MetadataJson);
        return
        [
            .. model.Layers.Select(l =>
            {
                // A step that the packer added for a layer has another name than the layer, and no weight.
                PackedNote note = l.WeightFormat is null ? default : packed.GetValueOrDefault(l.Name);
                return new LayerReport(
                    l.Name, l.Operation, l.Kernel, note.Reason, l.WeightFormat, l.Rows, l.Columns, l.NonZeros,
                    note.PredictedMicroseconds, note.MeasuredMicroseconds, null, null);
            }),
        ];
    }

    /// <summary>The same with each layer's time: the median over batches of runs of what a layer took on average in a batch.</summary>
    /// <param name="model">One input.</param>
    /// <param name="inputs">Used in turn, at least one.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <param name="seconds">About how long to run; the first third warms up.</param>
    /// <param name="cancellation">Checked between batches.</param>
    /// <exception cref="EdgeSparseException">The blob has several inputs, or an input is not of its length.</exception>
    public static ImmutableArray<LayerReport> Measure(
        Model model, IReadOnlyList<float[]> inputs, int threads, double seconds, CancellationToken cancellation = default)
    {
        SameShapes.RequireOneInput(model);
        ArgumentOutOfRangeException.ThrowIfZero(inputs.Count);
        ImmutableArray<LayerReport> layers = Describe(model);
        using Session session = model.CreateSession(new SessionOptions { Threads = threads });
        long[] ticks = new long[layers.Length];
        int next = 0;
        void Run()
        {
            session.SetInput(0, inputs[next]);
            session.RunTimed(ticks);
            next = next + 1 == inputs.Count ? 0 : next + 1;
        }

        var elapsed = Stopwatch.StartNew();
        int warm = 0;
        while (warm == 0 || elapsed.Elapsed.TotalSeconds < seconds / 3)
        {
            Run();
            warm++;
        }

        // Twice as many runs fit into what is left of the time.
        int runs = Math.Max(1, warm * 2 / MostBatches);
        List<double[]> batches = [];
        while (batches.Count < LeastBatches || (batches.Count < MostBatches && elapsed.Elapsed.TotalSeconds < seconds))
        {
            cancellation.ThrowIfCancellationRequested();
            Array.Clear(ticks);
            for (int i = 0; i < runs; i++)
            {
                Run();
            }

            batches.Add(Array.ConvertAll(ticks, t => t * 1e6 / Stopwatch.Frequency / runs));
        }

        double[] medians = [.. layers.Select((_, i) => Quantiles.Median([.. batches.Select(b => b[i])]))];
        double total = Math.Max(medians.Sum(), double.Epsilon);
        return [.. layers.Select((layer, i) => layer with { MeasuredMicroseconds = medians[i], Share = medians[i] / total })];
    }

    /// <summary>What the packer wrote of each layer, by name; empty where it wrote nothing.</summary>
    /// <param name="metadata">The blob's metadata.</param>
    /// <exception cref="BlobFormatException">It is no JSON.</exception>
    internal static Dictionary<string, PackedNote> Packed(string metadata)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(metadata);
            Dictionary<string, PackedNote> packed = [];
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("layers", out JsonElement layers) && layers.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement layer in layers.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.Object))
                {
                    if (Text(layer, "name") is { } name)
                    {
                        packed[name] = new PackedNote(
                            Text(layer, "reason"), Number(layer, "predictedMicroseconds"), Number(layer, "measuredMicroseconds"));
                    }
                }
            }

            return packed;
        }
        catch (JsonException error)
        {
            throw new BlobFormatException($"the section Metadata is no JSON: {error.Message}", error);
        }
    }

    private static string? Text(JsonElement element, string key) =>
        element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement element, string key) =>
        element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble())
            ? value.GetDouble()
            : null;

    /// <summary>What the packer wrote of a layer; each null where it did not.</summary>
    internal readonly record struct PackedNote(string? Reason, double? PredictedMicroseconds, double? MeasuredMicroseconds);
}
