using System.Collections.Immutable;
using System.Globalization;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>
/// The recipe of a run without training: of a recipe's stages only those that prune stay, and they prune by reconstruction, to the same
/// targets; without a recipe there is one such stage, called <c>prune</c>.
/// </summary>
internal static class CalibrationRecipe
{
    private static readonly string[] KeysKept = ["stage", "name", "density", "sparsity", "granularity", "layers", "allocation", "samples", "ridge"];

    /// <summary>A recipe for a model and nothing else.</summary>
    /// <param name="onnx">The model's file.</param>
    public static LocatedObject For(string onnx)
    {
        SourceLocation where = new("--calibrate-only");
        LocatedObject model = Object(where, ("onnx", new LocatedText(where, onnx)));
        return Object(
            where,
            ("name", new LocatedText(where, Path.GetFileNameWithoutExtension(onnx))),
            ("model", model),
            ("stages", new LocatedArray(where, [Stage(where)])));
    }

    /// <param name="recipe">Any recipe.</param>
    /// <param name="samples">Samples to solve weights on, or null for what the stages say.</param>
    public static LocatedObject Of(LocatedObject recipe, int? samples)
    {
        if (recipe.Member("stages") is not { Value: LocatedArray stages } member)
        {
            return recipe;
        }

        ImmutableArray<Located> kept =
            [.. stages.Items.OfType<LocatedObject>().Where(s => s.Member("stage")?.Value is LocatedText { Value: "prune" }).Select(Converted)];
        if (kept.IsEmpty)
        {
            kept = [Stage(stages.Where)];
        }

        if (samples is { } count)
        {
            SourceLocation where = new("--calibration-samples");
            LocatedNumber number = new(where, count.ToString(CultureInfo.InvariantCulture));
            kept = [.. kept.Select(s => ((LocatedObject)s).With(new LocatedMember("samples", where, number)))];
        }

        return recipe.With(member with { Value = stages with { Items = kept } });
    }

    private static Located Converted(LocatedObject stage) => (stage with { Members = [.. stage.Members.Where(m => KeysKept.Contains(m.Key))] })
        .With(new LocatedMember("method", stage.Where, new LocatedText(stage.Where, "reconstruct")));

    private static LocatedObject Stage(SourceLocation where) =>
        Object(where, ("stage", new LocatedText(where, "prune")), ("method", new LocatedText(where, "reconstruct")));

    private static LocatedObject Object(SourceLocation where, params (string Key, Located Value)[] members) =>
        new(where, [.. members.Select(m => new LocatedMember(m.Key, where, m.Value))]);
}
