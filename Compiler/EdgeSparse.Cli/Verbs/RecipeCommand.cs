using System.CommandLine;
using EdgeSparse.Compiler.Recipes;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse recipe schema|check</c>.</summary>
internal sealed class RecipeCommand : Command
{
    public RecipeCommand()
        : base("recipe", "check a recipe, or print the JSON schema of recipes")
    {
        Add(new CheckVerb());
        Add(new SchemaVerb());
    }

    private sealed class SchemaVerb() : Verb("schema", "print the JSON schema, for editors")
    {
        protected override int Run(VerbContext context)
        {
            context.ReportText(RecipeSchema.Generate());
            return ExitCode.Success;
        }
    }

    private sealed class CheckVerb : Verb
    {
        private readonly Argument<string> file = new("FILE") { Description = "the recipe" };
        private readonly Option<string[]> set = RecipeOptions.CreateSet();

        public CheckVerb()
            : base("check", "say whether a recipe can be followed, without following it")
        {
            Add(file);
            Add(set);
        }

        protected override int Run(VerbContext context)
        {
            RecipeFile recipe = RecipeReader.Read(context.Required(file), [.. RecipeOptions.Overrides(context, set)]);
            var result = new
            {
                recipe.Recipe.Name,
                Model = recipe.Recipe.Model.Zoo ?? recipe.Recipe.Model.OnnxPath,
                Data = recipe.Recipe.Data?.Name,
                recipe.Recipe.Seed,
                Stages = recipe.Recipe.Stages.Select(s => new { s.Name, s.Kind.Stage, s.Kind.Method }),
            };
            context.Report(result, (console, r) =>
                console.WriteLine($"{context.Required(file)}: good; {string.Join(", ", r.Stages.Select(s => s.Name))}"));
            return ExitCode.Success;
        }
    }
}
