using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// The Metadata section: JSON in UTF-8 without spaces, the keys of every object sorted by code point, so that equal contents
/// are equal bytes.
/// </summary>
internal static class BlobMetadata
{
    public static byte[] Of(Graph graph, PackOptions options, IEnumerable<PackedLayer> layers)
    {
        JsonObject metadata = [];
        foreach ((string key, string value) in graph.Metadata)
        {
            metadata[key] = value;
        }

        JsonObject provenance = [];
        foreach ((string key, JsonNode? value) in options.Provenance)
        {
            provenance[key] = value?.DeepClone();
        }

        JsonArray formats = [];
        foreach (PackedLayer layer in layers)
        {
            JsonObject format = new()
            {
                ["name"] = layer.Name,
                ["format"] = WeightLayouts.NameOf(layer.Layout),
                ["reason"] = layer.Reason,
                ["predictedMicroseconds"] = layer.PredictedMicroseconds,
            };
            if (layer.MeasuredMicroseconds is { } measured)
            {
                format["measuredMicroseconds"] = measured;
            }

            formats.Add(format);
        }

        JsonObject root = new()
        {
            ["compiler"] = new JsonObject { ["name"] = "EdgeSparse", ["version"] = Version },
            ["graph"] = new JsonObject { ["metadata"] = metadata, ["name"] = graph.Name },
            ["layers"] = formats,
            ["provenance"] = provenance,
            ["target"] = new JsonObject { ["id"] = options.TargetId, ["lanes"] = options.Lanes },
        };
        MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            WriteSorted(writer, root);
        }

        return stream.ToArray();
    }

    /// <summary>The compiler's, for example <c>0.1.0</c>.</summary>
    public static string Version => typeof(BlobMetadata).Assembly.GetName().Version!.ToString(3);

    private static void WriteSorted(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject entries:
                writer.WriteStartObject();
                foreach ((string key, JsonNode? value) in entries.OrderBy(e => e.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(key);
                    WriteSorted(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (JsonNode? item in items)
                {
                    WriteSorted(writer, item);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
