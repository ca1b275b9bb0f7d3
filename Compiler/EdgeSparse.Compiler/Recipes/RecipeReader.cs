using System.Collections.Immutable;
using System.Text;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>Reads recipes. Everything that can be wrong with one without its model and data is found here, before any work.</summary>
public static class RecipeReader
{
    /// <summary>Keys at the top of a recipe.</summary>
    internal static ImmutableArray<string> TopLevelKeys { get; } = [.. OptionKey.Of(typeof(Recipe)).Select(k => k.Name)];

    internal static ImmutableArray<ICustomOption> CustomOptions { get; } = [new ModelSourceOption(), new StageOption(), new GranularityOption()];

    /// <param name="path">The file.</param>
    /// <param name="overrides">Values that replace the file's, in order.</param>
    /// <exception cref="RecipeException">The recipe is refused; the message says where and why.</exception>
    /// <exception cref="Runtime.EdgeSparseException">The file cannot be read.</exception>
    public static RecipeFile Read(string path, IReadOnlyList<RecipeOverride>? overrides = null) =>
        Bind(LocatedJsonReader.ReadFile(path), path, overrides ?? []);

    /// <summary>A recipe of pruning without training: the pruning stages of a file, or for a model alone.</summary>
    /// <param name="path">The recipe, or null for none.</param>
    /// <param name="onnx">The model's file; needed where there is no recipe.</param>
    /// <param name="samples">Samples to solve weights on, or null for what the recipe says.</param>
    /// <param name="overrides">Values that replace the recipe's, in order.</param>
    /// <exception cref="RecipeException">The recipe is refused; the message says where and why.</exception>
    /// <exception cref="Runtime.EdgeSparseException">The file cannot be read.</exception>
    public static RecipeFile ReadForCalibration(string? path, string? onnx, int? samples, IReadOnlyList<RecipeOverride> overrides)
    {
        if (path is null && onnx is null)
        {
            throw new RecipeException(new SourceLocation("--calibrate-only"), "there is neither a recipe nor a model; give --model FILE.onnx or --recipe R.json");
        }

        Located document = path is not null ? LocatedJsonReader.ReadFile(path) : CalibrationRecipe.For(onnx!);
        return Bind(document is LocatedObject recipe ? CalibrationRecipe.Of(recipe, samples) : document, path ?? "--calibrate-only", overrides);
    }

    /// <summary>The same from text; <paramref name="path"/> is what messages call it.</summary>
    public static RecipeFile Parse(string json, string path, IReadOnlyList<RecipeOverride>? overrides = null) =>
        Bind(LocatedJsonReader.Read(Encoding.UTF8.GetBytes(json), path), path, overrides ?? []);

    private static RecipeFile Bind(Located document, string path, IReadOnlyList<RecipeOverride> overrides)
    {
        LocatedObject recipe = document as LocatedObject
            ?? throw new RecipeException(document.Where, $"a recipe must be an object, found {document.Found}");
        foreach (RecipeOverride change in overrides)
        {
            recipe = RecipeOverrides.Apply(recipe, change);
        }

        OptionBinder binder = new(CustomOptions);
        var bound = (Recipe)binder.BindRecord(typeof(Recipe), recipe, "the recipe", null, "$schema");
        CheckStageNames(recipe, bound);
        return new RecipeFile(bound, recipe.ToJson().ToJsonString(), binder.Layers, path);
    }

    private static void CheckStageNames(LocatedObject recipe, Recipe bound)
    {
        var places = (LocatedArray)recipe.Member("stages")!.Value;
        HashSet<string> names = [];
        for (int i = 0; i < bound.Stages.Length; i++)
        {
            string name = bound.Stages[i].Name;
            if (!names.Add(name))
            {
                throw new RecipeException(places.Items[i].Where, $"two stages are called '{name}'; give this one a \"name\" of its own");
            }

            if (TopLevelKeys.Contains(name))
            {
                throw new RecipeException(places.Items[i].Where, $"a stage cannot be called '{name}', which is a key of the recipe");
            }
        }
    }
}
