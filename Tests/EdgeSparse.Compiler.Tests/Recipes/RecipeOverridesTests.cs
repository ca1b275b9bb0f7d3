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
    [InlineData("prune.sparsity=1.5", "--set prune.sparsity=1.5: sparsity is 1.5; allowed: above 0, below 1")]
    [InlineData("prune.sparsty=0.8", "--set prune.sparsty=0.8: stage 'prune' has no key 'sparsty'; did you mean 'sparsity'? Allowed: stage, method, name, iterations, quality, density, sparsity, layers, policy, adjustDropout, removeDeadNeurons, retrain, finalRetrain")]
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
