using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Recipes;

public sealed class RecipeOverridesTests
{
    private const string Json = """
        { "name": "a", "model": "lenet-5", "data": { "name": "mnist" }, "stages": [
          { "stage": "train" }, { "stage": "prune", "method": "han", "sparsity": 0.5 }, { "stage": "train", "name": "retrain" } ] }
        """;

    [Fact]
    public void The_first_part_names_a_key_or_a_stage()
    {
        Recipe recipe = Read("seed=9", "data.name=fashion-mnist", "prune.sparsity=0.8", "retrain.epochs=2", "retrain.optimizer.kind=adamW").Recipe;
        Assert.Equal(9, recipe.Seed);
        Assert.Equal("fashion-mnist", recipe.Data!.Name);
        Assert.Equal(0.8, ((HanPruningOptions)recipe.Stages[1].Options).Sparsity);
        Assert.Equal(10, ((TrainingOptions)recipe.Stages[0].Options).Epochs);
        Assert.Equal(2, ((TrainingOptions)recipe.Stages[2].Options).Epochs);
        Assert.Equal(OptimizerKind.AdamW, ((TrainingOptions)recipe.Stages[2].Options).Optimizer.Kind);
    }

    [Fact]
    public void A_value_is_JSON_or_else_a_text()
    {
        Recipe recipe = Read("name=two words", "data.mean=[0.5]", "data.std=[0.25]", """model={"onnx":"x.onnx"}""").Recipe;
        Assert.Equal("two words", recipe.Name);
        Assert.Equal([0.5f], recipe.Data!.Mean!.Value);
        Assert.Equal("x.onnx", recipe.Model.OnnxPath);
    }

    [Fact]
    public void A_quoted_part_may_hold_dots()
    {
        RecipeFile file = Read("""prune.layers."block1.0.conv".density=0.25""");
        Assert.Equal(0.25, ((HanPruningOptions)file.Recipe.Stages[1].Options).Layers["block1.0.conv"].Density);
        Assert.Equal("--set prune.layers.\"block1.0.conv\".density=0.25", Assert.Single(file.Layers).Where.ToString());
    }

    [Fact]
    public void Null_takes_an_optional_value_away() =>
        Assert.Null(((HanPruningOptions)Read("prune.sparsity=null", "prune.quality=1").Recipe.Stages[1].Options).Sparsity);

    [Theory]
    [InlineData("4x1")]
    [InlineData("weight")]
    public void A_granularity_is_set_by_its_name(string name) =>
        Assert.Equal(name, ((HanPruningOptions)Read($"prune.granularity={name}").Recipe.Stages[1].Options).Granularity.Name);

    [Fact]
    public void A_granularity_of_N_in_M_takes_the_place_of_a_density_or_a_sparsity() =>
        Assert.Equal(0.5, ((HanPruningOptions)Read("prune.granularity=2:4", "prune.sparsity=null").Recipe.Stages[1].Options).Granularity.FixedDensity);

    [Theory]
    [InlineData("prune.granularity=4x2", "--set prune.granularity=4x2: granularity is \"4x2\"; did you mean '4x1'? Allowed: weight, 1x4, 4x1, 8x1, 16x1, 4x4, 2:4, 4:8")]
    [InlineData("prune.granularity=2:4", "--set prune.granularity=2:4: stage 'prune': the granularity 2:4 by itself keeps 2 of 4 weights; leave sparsity out")]
    [InlineData("prune.sparsity=1.5", "--set prune.sparsity=1.5: sparsity is 1.5; allowed: above 0, below 1")]
    [InlineData("prune.sparsty=0.8", "--set prune.sparsty=0.8: stage 'prune' has no key 'sparsty'; did you mean 'sparsity'? Allowed: stage, method, name, iterations, quality, density, sparsity, granularity, layers, policy, adjustDropout, removeDeadNeurons, retrain, finalRetrain")]
    [InlineData("purne.sparsity=0.8", "--set purne.sparsity=0.8: the recipe has no key or stage 'purne'; did you mean 'prune'? Allowed: name, model, data, seed, stages, output, train, prune, retrain")]
    [InlineData("prune=0.8", "--set prune=0.8: 'prune' is a stage; name one of its keys, as in prune.KEY=VALUE")]
    [InlineData("prune.sparsity.x=1", "--set prune.sparsity.x=1: 'prune.sparsity.x' leads into 0.5 (r.json:2:74), which has no key 'x'")]
    [InlineData("prune..x=1", "--set prune..x=1: 'prune..x' is no path; it has the form path.to.key=value")]
    [InlineData("stages.9.epochs=1", "--set stages.9.epochs=1: '9' is no item of the list in 'stages.9.epochs'. Allowed: 0 to 2")]
    [InlineData("sparsity", "--set sparsity: an override has the form path.to.key=value")]
    public void A_bad_override_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<RecipeException>(() => Read(text)).Message);

    private static RecipeFile Read(params string[] overrides) =>
        RecipeReader.Parse(Json, "r.json", [.. overrides.Select(RecipeOverride.Parse)]);
}
