using System.Collections.Immutable;
using System.Text.Json;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Files;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Type">For example <c>F32</c>.</param>
/// <param name="Dims">As stored.</param>
/// <param name="Begin">First byte, from the end of the header.</param>
/// <param name="End">One beyond the last byte.</param>
internal sealed record SafetensorsEntry(string Name, string Type, ImmutableArray<long> Dims, long Begin, long End);

/// <summary>The JSON header, checked strictly: every byte of the data belongs to exactly one tensor.</summary>
internal static class SafetensorsHeader
{
    /// <summary>The limit of the format's own reader.</summary>
    public const long LargestHeader = 100_000_000;

    /// <param name="json">The header's bytes.</param>
    /// <param name="dataBytes">Bytes of the file after the header.</param>
    /// <returns>The tensors in the order of their data.</returns>
    /// <exception cref="SafetensorsException">Without the file's name, which the caller knows.</exception>
    public static ImmutableArray<SafetensorsEntry> Parse(ReadOnlyMemory<byte> json, long dataBytes)
    {
        List<SafetensorsEntry> entries = [];
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new SafetensorsException("its header is no JSON object");
            }

            entries.AddRange(document.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__").Select(Entry));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is no valid UTF-8.
            throw new SafetensorsException($"its header is not valid JSON ({error.Message.ReplaceLineEndings(" ")})", error);
        }

        entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long position = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Begin != position)
            {
                throw new SafetensorsException($"tensor '{entry.Name}' begins at byte {entry.Begin} where {position} is expected: tensors overlap or leave a gap");
            }

            position = entry.End;
        }

        return position == dataBytes
            ? [.. entries]
            : throw new SafetensorsException($"its tensors need {position} bytes, but {dataBytes} follow the header: it is cut off or damaged");
    }

    /// <summary>The header of these weights, F32, one after another in the order given, padded to a multiple of 8 bytes.</summary>
    public static byte[] Format(IEnumerable<Weight> weights, IReadOnlyDictionary<string, string> metadata)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long begin = 0;
            foreach (Weight weight in weights)
            {
                json.WriteStartObject(weight.Name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int dim in weight.Shape.Dims)
                {
                    json.WriteNumberValue(dim);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(begin);
                json.WriteNumberValue(begin += (long)weight.ElementCount * sizeof(float));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (stream.Length % 8 != 0)
        {
            stream.WriteByte((byte)' ');
        }

        return stream.ToArray();
    }

    private static SafetensorsEntry Entry(JsonProperty property)
    {
        JsonElement value = property.Value;
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out JsonElement shape) || Numbers(shape) is not { } dims
            || !value.TryGetProperty("data_offsets", out JsonElement range) || Numbers(range) is not [long begin, long end]
            || value.EnumerateObject().Count() != 3)
        {
            throw new SafetensorsException($"tensor '{property.Name}' is not described by dtype, shape and data_offsets");
        }

        int bytes = type.GetString() switch
        {
            "F64" or "I64" or "U64" => 8,
            "F32" or "I32" or "U32" => 4,
            "F16" or "BF16" or "I16" or "U16" => 2,
            "I8" or "U8" or "BOOL" => 1,
            _ => throw new SafetensorsException($"tensor '{property.Name}' has the unknown type '{type.GetString()}'"),
        };

        // One beyond the largest array is enough to tell; a longer product must not wrap around.
        long count = dims.Aggregate(1L, (product, d) => d == 0 ? 0 : product > int.MaxValue / d ? (long)int.MaxValue + 1 : product * d);
        if (count > int.MaxValue || begin > end || end - begin != count * bytes)
        {
            throw new SafetensorsException(
                $"tensor '{property.Name}' has the shape [{string.Join(", ", dims.Take(8))}] of {type.GetString()} in the bytes {begin} to {end}, which cannot be");
        }

        return new SafetensorsEntry(property.Name, type.GetString()!, dims, begin, end);
    }

    /// <summary>An array of numbers that are not negative; null when it is anything else.</summary>
    private static ImmutableArray<long>? Numbers(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var numbers = ImmutableArray.CreateBuilder<long>();
        foreach (JsonElement item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long number) || number < 0)
            {
                return null;
            }

            numbers.Add(number);
        }

        return numbers.DrainToImmutable();
    }
}
