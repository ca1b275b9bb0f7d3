using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Cli.Verbs;

/// <summary>Options of verbs that follow a recipe.</summary>
internal sealed class RecipeOptions
{
    private readonly Option<string?> recipe;
    private readonly Option<string?> data = new("--data") { Description = "data set, in place of the recipe's: a name of 'data list', a folder, or a .npy file of inputs without labels", HelpName = "NAME" };
    private readonly Option<string?> dataDir = DataDirOption.Create();
    private readonly Option<string?> model = new("--model") { Description = "ONNX model, in place of the recipe's", HelpName = "FILE.onnx" };
    private readonly Option<string?> weights = new("--weights")
    {
        Description = "weights to start from, a PyTorch state dictionary or safetensors, in place of random ones: a recipe without a train stage prunes them as they are, one with it trains on from them",
        HelpName = "FILE",
    };

    private readonly Option<string[]> set = CreateSet();
    private readonly Option<int?> seed = new("--seed") { Description = "seed, in place of the recipe's", HelpName = "N" };
    private readonly Option<string> device = new("--device") { Description = "cpu, cuda or cuda:N", HelpName = "DEVICE", DefaultValueFactory = _ => "cpu" };
    private readonly Option<string?> work = new("--work")
    {
        Description = "folder for checkpoints, beside the output when left out; the same command goes on from there after an interruption",
        HelpName = "DIR",
    };

    /// <param name="needsRecipe">Whether the verb can do nothing without a recipe.</param>
    public RecipeOptions(bool needsRecipe = true)
    {
        recipe = new Option<string?>("--recipe") { Description = "what to do: see docs/recipe.schema.json", HelpName = "R.json", Required = needsRecipe };
        device.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => !IsDevice(t.Value)) is { } bad)
            {
                result.AddError($"there is no device '{bad.Value}'. Allowed: cpu, cuda, cuda:N");
            }
        });
    }

    /// <summary>The folder for checkpoints that the user names, or null.</summary>
    public string? WorkOf(VerbContext context) => context.Value(work);

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { recipe, data, dataDir, model, weights, set, seed, device, work })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether a recipe is given.</summary>
    public bool HasRecipe(CommandResult result) => result.GetResult(recipe) is not null;

    /// <param name="context">The command line.</param>
    /// <param name="target">Value of <c>--target</c>, in place of the recipe's; null where the verb has no such option.</param>
    /// <exception cref="RecipeException">The recipe is refused.</exception>
    public RunRequest Read(VerbContext context, string? target = null) =>
        Read(context, target, overrides => RecipeReader.Read(context.Value(recipe)!, overrides));

    /// <summary>The same for a run without training, where a model will do in place of a recipe.</summary>
    /// <param name="context">The command line.</param>
    /// <param name="target">Value of <c>--target</c>, or null.</param>
    /// <param name="samples">Samples to solve weights on, or null for what the recipe says.</param>
    /// <exception cref="RecipeException">The recipe is refused, or there is neither a recipe nor a model.</exception>
    public RunRequest ReadForCalibration(VerbContext context, string? target, int? samples) =>
        Read(context, target, overrides => RecipeReader.ReadForCalibration(context.Value(recipe), context.Value(model), samples, overrides));

    private RunRequest Read(VerbContext context, string? target, Func<List<RecipeOverride>, RecipeFile> read)
    {
        List<RecipeOverride> overrides = [.. Overrides(context, set)];
        AddText(overrides, "data.name", context.Value(data), "--data");
        AddText(overrides, "output.target", target, "--target");
        if (context.Value(seed) is { } number)
        {
            string text = number.ToString(CultureInfo.InvariantCulture);
            overrides.Add(new RecipeOverride("seed", text, $"--seed {text}"));
        }

        return new RunRequest
        {
            Recipe = read(overrides),
            ModelPath = context.Value(model),
            WeightsPath = context.Value(weights),
            DataLocations = DataDirOption.Locations(context, dataDir),
            Device = context.Required(device),
        };
    }

    /// <summary><c>--set path.to.key=value</c>.</summary>
    public static Option<string[]> CreateSet()
    {
        Option<string[]> set = new("--set")
        {
            Description = "replace a value of the recipe: path.to.key=value, as in prune.sparsity=0.8",
            HelpName = "path.to.key=value",
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = _ => [],
        };
        set.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1) is { } bad)
            {
                result.AddError($"--set {bad.Value}: an override has the form path.to.key=value");
            }
        });
        return set;
    }

    /// <summary>The values of <c>--set</c>, in order.</summary>
    public static IEnumerable<RecipeOverride> Overrides(VerbContext context, Option<string[]> set) =>
        (context.Value(set) ?? []).Select(RecipeOverride.Parse);

    private static void AddText(List<RecipeOverride> overrides, string path, string? value, string option)
    {
        if (value is not null)
        {
            overrides.Add(new RecipeOverride(path, JsonSerializer.Serialize(value), $"{option} {value}"));
        }
    }

    private static bool IsDevice(string text) =>
        text is "cpu" or "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal) && uint.TryParse(text.AsSpan(5), out _));
}
