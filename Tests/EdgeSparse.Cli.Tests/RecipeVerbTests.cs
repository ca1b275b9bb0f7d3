using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

public sealed class RecipeVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_good_recipe_is_summed_up()
    {
        string recipe = folder.Write("r.json", """
            // digits
            { "name": "a", "model": "lenet-5", "data": { "name": "mnist", }, "stages": [ { "stage": "train" }, ] }
            """);
        Assert.Equal($"{recipe}: good; train\n", Tool.Run("recipe", "check", recipe).Succeeds().Output);
        JsonNode json = Tool.Run("recipe", "check", recipe, "--set", "seed=3", "--json").Succeeds().Json;
        Assert.Equal(3, (int)json["seed"]!);
        Assert.Equal("lenet-5", (string)json["model"]!);
    }

    [Fact]
    public void A_bad_recipe_is_refused_with_its_place()
    {
        string recipe = folder.Write("r.json", """
            {
              "name": "a", "model": "lenet-5",
              "stages": [ { "stage": "train", "epoch": 3 } ]
            }
            """);
        Tool.Run("recipe", "check", recipe).FailsWith(1,
            $"edgesparse: error: {recipe}:3:35: stage 'train' has no key 'epoch'; did you mean 'epochs'? Allowed: stage, name, epochs, batchSize, optimizer, schedule, augmentation, precision, labelSmoothing, distillation, distillationTemperature");
    }

    [Fact]
    public void A_missing_recipe_is_one_clear_line() =>
        Tool.Run("recipe", "check", "/nowhere/r.json").FailsWith(1, "edgesparse: error: there is no recipe '/nowhere/r.json'");

    [Fact]
    public void The_schema_is_JSON() =>
        Assert.Equal("EdgeSparse recipe", (string)Tool.Run("recipe", "schema").Succeeds().Json["title"]!);
}
