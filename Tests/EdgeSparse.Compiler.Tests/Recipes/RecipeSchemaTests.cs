using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Recipes;

public sealed class RecipeSchemaTests
{
    [Fact]
    public void The_published_schema_is_the_one_of_the_records() =>
        // To renew it: ./edgesparse recipe schema > docs/recipe.schema.json
        Assert.Equal(RecipeSchema.Generate(), File.ReadAllText(Path.Combine(Repository.Root, "docs", "recipe.schema.json")));

    [Fact]
    public void It_says_ranges_choices_defaults_and_what_is_needed()
    {
        JsonNode schema = JsonNode.Parse(RecipeSchema.Generate())!;
        Assert.Equal("""["name","model","stages"]""", schema["required"]!.ToJsonString());
        JsonNode sparsity = schema["properties"]!["stages"]!["items"]!["oneOf"]![1]!["properties"]!["sparsity"]!;
        Assert.Equal("""["number","null"]""", sparsity["type"]!.ToJsonString());
        Assert.Equal("0", sparsity["exclusiveMinimum"]!.ToJsonString());
        Assert.Equal("1", sparsity["exclusiveMaximum"]!.ToJsonString());
        JsonNode granularity = schema["properties"]!["stages"]!["items"]!["oneOf"]![1]!["properties"]!["granularity"]!;
        Assert.Equal("""["weight","1x4","4x1","8x1","16x1","4x4","2:4","4:8"]""", granularity["enum"]!.ToJsonString());
        Assert.Equal("\"weight\"", granularity["default"]!.ToJsonString());
        Assert.Equal("""["sgd","adamW"]""", schema["$defs"]!["optimizerOptions"]!["properties"]!["kind"]!["enum"]!.ToJsonString());
        Assert.Equal("0.05", schema["$defs"]!["optimizerOptions"]!["properties"]!["learningRate"]!["default"]!.ToJsonString());
    }

    [Fact]
    public void Every_recipe_of_the_samples_is_good()
    {
        // Samples that are programs have no recipe, but a lock file.
        string[] recipes = [.. Directory.GetFiles(Path.Combine(Repository.Root, "Samples"), "*.json", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) != "packages.lock.json")];
        Assert.NotEmpty(recipes);
        Dictionary<string, Graph> networks = [];
        Assert.All(recipes, path =>
        {
            RecipeFile recipe = RecipeReader.Read(path);
            string network = recipe.Recipe.Model.Zoo!;
            networks[network] = networks.GetValueOrDefault(network) ?? ModelZoo.Create(network, seed: 1);
            RecipeLayerCheck.Check(recipe, networks[network]);
            foreach (StructuredOptions options in recipe.Recipe.Stages.Select(s => s.Options).OfType<StructuredOptions>())
            {
                // Refuses a target that cannot be met.
                _ = new PruningGoal(networks[network], options);
            }
        });
    }
}
