using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>The key <c>model</c>: a text or an object with <c>onnx</c>.</summary>
internal sealed class ModelSourceOption : ICustomOption
{
    public Type Type => typeof(ModelSource);

    public object Bind(OptionBinder binder, Located value, string name)
    {
        switch (value)
        {
            case LocatedText text when text.Value.Length > 0:
                return new ModelSource(text.Value, null);
            case LocatedObject source:
                if (source.Members.FirstOrDefault(m => m.Key != "onnx") is { } unknown)
                {
                    throw OptionBinder.UnknownKey(unknown, "'model'", ["onnx"]);
                }

                return source.Member("onnx")?.Value is LocatedText path
                    ? new ModelSource(null, path.Value)
                    : throw new RecipeException(source.Where, "'model' needs the key 'onnx' with the path of a file");
            default:
                throw new RecipeException(value.Where, $"model must be the name of a network or {{\"onnx\": \"FILE\"}}, found {value.Found}");
        }
    }

    public JsonNode Schema(RecipeSchema schema) => new JsonObject
    {
        ["oneOf"] = new JsonArray(
            new JsonObject { ["type"] = "string" },
            new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["onnx"] = new JsonObject { ["type"] = "string", ["description"] = "path, relative to the recipe" } },
                ["required"] = new JsonArray("onnx"),
                ["additionalProperties"] = false,
            }),
    };
}

/// <summary>One item of <c>stages</c>: <c>stage</c>, <c>method</c> and <c>name</c> choose the record that the other keys bind to.</summary>
internal sealed class StageOption : ICustomOption
{
    private static readonly string[] Reserved = ["stage", "method", "name"];

    public Type Type => typeof(RecipeStage);

    /// <summary>How a stage is called in messages and in <c>--set</c>.</summary>
    public static string? NameOf(Located stage) =>
        stage is LocatedObject source ? ((source.Member("name") ?? source.Member("stage"))?.Value as LocatedText)?.Value : null;

    public object Bind(OptionBinder binder, Located value, string name)
    {
        LocatedObject source = value as LocatedObject ?? throw new RecipeException(value.Where, $"{name} must be an object, found {value.Found}");
        string stage = Choose(source, "stage", "a stage", StageTable.Stages);
        ImmutableArray<string> methods = StageTable.MethodsOf(stage);
        string? method = methods.IsEmpty ? null : Choose(source, "method", $"stage '{stage}'", methods);
        StageKind kind = StageTable.Kinds.Single(k => k.Stage == stage && k.Method == method);
        string called = source.Member("name") is { } given
            ? (given.Value as LocatedText)?.Value ?? throw new RecipeException(given.Value.Where, $"name must be a text, found {given.Value.Found}")
            : stage;
        string[] reserved = method is null ? ["stage", "name"] : Reserved;
        return new RecipeStage(kind, called, binder.BindRecord(kind.Options, source, $"stage '{called}'", null, reserved));
    }

    public JsonNode Schema(RecipeSchema schema) => new JsonObject
    {
        ["oneOf"] = new JsonArray([.. StageTable.Kinds.Select(k => SchemaOf(k, schema))]),
    };

    private static JsonObject SchemaOf(StageKind kind, RecipeSchema schema)
    {
        JsonObject keys = new() { ["stage"] = new JsonObject { ["const"] = kind.Stage } };
        JsonArray required = ["stage"];
        if (kind.Method is not null)
        {
            keys["method"] = new JsonObject { ["const"] = kind.Method };
            required.Add("method");
        }

        keys["name"] = new JsonObject { ["type"] = "string", ["description"] = "what --set and reports call the stage; unique in the recipe" };
        return schema.Object(kind.Options, kind.Description, keys, required);
    }

    private static string Choose(LocatedObject source, string key, string owner, ImmutableArray<string> allowed)
    {
        Located value = source.Member(key)?.Value
            ?? throw new RecipeException(source.Where, $"{owner} needs the key '{key}'. Allowed: {string.Join(", ", allowed)}");
        string text = (value as LocatedText)?.Value
            ?? throw new RecipeException(value.Where, $"{key} must be one of {string.Join(", ", allowed)}, found {value.Found}");
        return allowed.Contains(text) ? text : throw OptionBinder.UnknownName(value.Where, key, text, allowed);
    }
}
