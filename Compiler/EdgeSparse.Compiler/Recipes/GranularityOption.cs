using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Pruning;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>The key <c>granularity</c>: the name of a <see cref="Granularity"/>.</summary>
internal sealed class GranularityOption : ICustomOption
{
    private static readonly string[] Names = [.. Granularity.All.Select(g => g.Name)];

    public Type Type => typeof(Granularity);

    public object Bind(OptionBinder binder, Located value, string name)
    {
        string text = (value as LocatedText)?.Value
            ?? throw new RecipeException(value.Where, $"{name} must be one of {string.Join(", ", Names)}, found {value.Found}");
        return Granularity.Find(text) ?? throw OptionBinder.UnknownName(value.Where, name, text, Names);
    }

    public JsonNode Schema(RecipeSchema schema) => new JsonObject { ["enum"] = new JsonArray([.. Names.Select(n => JsonValue.Create(n))]) };
}
