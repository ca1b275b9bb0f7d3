using System.CommandLine;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Cli.Verbs;

/// <summary>Options of verbs that read a recipe.</summary>
internal static class RecipeOptions
{
    public static Option<string[]> Set { get; } = Create();

    /// <summary>The values of <c>--set</c>, in order.</summary>
    public static IReadOnlyList<RecipeOverride> Overrides(VerbContext context) =>
        [.. (context.Value(Set) ?? []).Select(RecipeOverride.Parse)];

    private static Option<string[]> Create()
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
            if (result.Tokens.FirstOrDefault(t => !t.Value.Contains('=', StringComparison.Ordinal)) is { } bad)
            {
                result.AddError($"--set {bad.Value}: an override has the form path.to.key=value");
            }
        });
        return set;
    }
}
