using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Pruning;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>The JSON schema of recipes, made from the same records that recipes bind to (docs/recipe.schema.json is its output).</summary>
public sealed class RecipeSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SortedDictionary<string, JsonObject?> definitions = new(StringComparer.Ordinal);

    private RecipeSchema()
    {
    }

    /// <summary>The schema as indented JSON with a final line end.</summary>
    public static string Generate()
    {
        RecipeSchema schema = new();
        JsonObject root = schema.Object(
            typeof(Recipe),
            "Recipe of 'edgesparse compress'. Comments and trailing commas are allowed.",
            new JsonObject { ["$schema"] = new JsonObject { ["type"] = "string" } },
            []);
        JsonObject document = new() { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "EdgeSparse recipe" };
        foreach (KeyValuePair<string, JsonNode?> member in root)
        {
            document[member.Key] = member.Value?.DeepClone();
        }

        document["$defs"] = new JsonObject(schema.definitions.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)d.Value)));
        return document.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>The schema of an option record, with further keys before its own.</summary>
    internal JsonObject Object(Type record, string? description, JsonObject keys, JsonArray required, object? defaults = null)
    {
        defaults ??= Activator.CreateInstance(record)!;
        foreach (OptionKey key in OptionKey.Of(record))
        {
            keys[key.Name] = Property(key, key.Property.GetValue(defaults));
            if (key.Required)
            {
                required.Add(key.Name);
            }
        }

        JsonObject schema = new() { ["type"] = "object" };
        if (description is not null)
        {
            schema["description"] = description;
        }

        schema["properties"] = keys;
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        schema["additionalProperties"] = false;
        return schema;
    }

    private JsonObject Property(OptionKey key, object? value)
    {
        JsonObject schema = (JsonObject)TypeOf(key.Type);
        if (key.Description is not null)
        {
            schema["description"] = key.Description;
        }

        if (key.Range is { } range)
        {
            (double low, double high) = Allowed.Limits(range);
            schema[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = Number(low);
            schema[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = Number(high);
        }

        if (!key.Required && DefaultOf(value) is { } text)
        {
            schema["default"] = text;
        }

        if (key.Nullable && schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        }

        return schema;
    }

    private JsonNode TypeOf(Type type)
    {
        if (RecipeReader.CustomOptions.FirstOrDefault(c => c.Type == type) is { } custom)
        {
            return custom.Schema(this);
        }

        if (type.IsEnum)
        {
            return new JsonObject { ["enum"] = new JsonArray([.. OptionKey.EnumNames(type).Select(n => JsonValue.Create(n))]) };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            return new JsonObject { ["type"] = "array", ["items"] = TypeOf(type.GenericTypeArguments[0]) };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableSortedDictionary<,>))
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = TypeOf(type.GenericTypeArguments[1]) };
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.String => new JsonObject { ["type"] = "string" },
            TypeCode.Boolean => new JsonObject { ["type"] = "boolean" },
            TypeCode.Int32 or TypeCode.Int64 => new JsonObject { ["type"] = "integer" },
            TypeCode.Double or TypeCode.Single => new JsonObject { ["type"] = "number" },
            _ => Reference(type),
        };
    }

    private JsonObject Reference(Type record)
    {
        string name = OptionKey.CamelCase(record.Name);
        if (definitions.TryAdd(name, null))
        {
            definitions[name] = Object(record, null, [], []);
        }

        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    private static JsonValue? DefaultOf(object? value) => value switch
    {
        bool boolean => JsonValue.Create(boolean),
        int or long or float or double => Number(Convert.ToDouble(value)),
        string text => JsonValue.Create(text),
        Granularity granularity => JsonValue.Create(granularity.Name),
        Enum name => JsonValue.Create(OptionKey.CamelCase(name.ToString())),
        _ => null,
    };

    // Whole numbers without a point, so that the text is the same wherever the schema is generated.
    private static JsonValue Number(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e15 ? JsonValue.Create((long)value) : JsonValue.Create(value);
}
