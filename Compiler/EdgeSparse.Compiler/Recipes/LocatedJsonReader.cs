using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>Reads JSON (comments and trailing commas allowed) into values that know their line and column.</summary>
internal static class LocatedJsonReader
{
    /// <summary>Deeper nesting than any recipe needs; the reader recurses, so this bounds its stack.</summary>
    private const int MaxDepth = 32;

    /// <exception cref="EdgeSparseException">The file cannot be read.</exception>
    /// <exception cref="RecipeException">The text is no JSON, or an object has a key twice.</exception>
    public static Located ReadFile(string path)
    {
        try
        {
            return Read(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EdgeSparseException($"there is no recipe '{path}'", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot read the recipe '{path}': {error.Message}", error);
        }
    }

    public static Located Read(ReadOnlySpan<byte> utf8, string origin)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        Utf8JsonReader reader = new(utf8, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = MaxDepth,
        });
        TextPlaces places = new(utf8, origin);
        try
        {
            reader.Read();
            Located value = ReadValue(ref reader, places);
            reader.Read();
            return value;
        }
        catch (JsonException error)
        {
            throw new RecipeException(places.At(error), $"this is no JSON: {FirstSentence(error.Message)}");
        }
        catch (InvalidOperationException error) when (error.InnerException is DecoderFallbackException)
        {
            throw new RecipeException(places.At(reader.TokenStartIndex), "this is no JSON: a text that is not UTF-8");
        }
    }

    private static Located ReadValue(ref Utf8JsonReader reader, in TextPlaces places)
    {
        SourceLocation where = places.At(reader.TokenStartIndex);
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, places, where),
            JsonTokenType.StartArray => ReadArray(ref reader, places, where),
            JsonTokenType.String => new LocatedText(where, reader.GetString()!),
            JsonTokenType.Number => new LocatedNumber(where, Encoding.UTF8.GetString(reader.ValueSpan)),
            JsonTokenType.True or JsonTokenType.False => new LocatedBoolean(where, reader.GetBoolean()),
            _ => new LocatedNull(where),
        };
    }

    private static LocatedObject ReadObject(ref Utf8JsonReader reader, in TextPlaces places, SourceLocation where)
    {
        var members = ImmutableArray.CreateBuilder<LocatedMember>();
        HashSet<string> keys = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            SourceLocation keyWhere = places.At(reader.TokenStartIndex);
            string key = reader.GetString()!;
            if (!keys.Add(key))
            {
                throw new RecipeException(keyWhere, $"the key '{key}' stands here a second time");
            }

            reader.Read();
            members.Add(new LocatedMember(key, keyWhere, ReadValue(ref reader, places)));
        }

        return new LocatedObject(where, members.DrainToImmutable());
    }

    private static LocatedArray ReadArray(ref Utf8JsonReader reader, in TextPlaces places, SourceLocation where)
    {
        var items = ImmutableArray.CreateBuilder<Located>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader, places));
        }

        return new LocatedArray(where, items.DrainToImmutable());
    }

    // JsonException ends with its own line and byte position, which ours replace.
    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    /// <summary>Turns byte offsets into lines and columns.</summary>
    private readonly ref struct TextPlaces(ReadOnlySpan<byte> utf8, string origin)
    {
        private readonly ReadOnlySpan<byte> utf8 = utf8;

        public SourceLocation At(long offset)
        {
            ReadOnlySpan<byte> before = utf8[..(int)offset];
            int lineStart = before.LastIndexOf((byte)'\n') + 1;
            return new SourceLocation(origin, before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[lineStart..]) + 1);
        }

        public SourceLocation At(JsonException error)
        {
            long offset = 0;
            for (long line = error.LineNumber ?? 0; line > 0; line--)
            {
                offset += utf8[(int)offset..].IndexOf((byte)'\n') + 1;
            }

            return At(Math.Min(offset + (error.BytePositionInLine ?? 0), utf8.Length));
        }
    }
}
