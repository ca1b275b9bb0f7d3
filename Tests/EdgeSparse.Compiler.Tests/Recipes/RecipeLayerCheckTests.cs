using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Tests.Training;

namespace EdgeSparse.Compiler.Tests.Recipes;

public sealed class RecipeLayerCheckTests
{
    private static readonly Graph Network = TinyProblem.Convolutional();

    [Theory]
    [InlineData("cnv", "r.json:1:106: 'tiny-cnn' has no layer 'cnv'; did you mean 'conv'? Allowed: conv, fc")]
    [InlineData("bn", "r.json:1:106: layer 'bn' is a BatchNorm, which has no weights to prune. Allowed: conv, fc")]
    public void A_layer_that_cannot_be_pruned_is_refused_at_its_place(string layer, string message) =>
        Assert.Equal(message, Assert.Throws<RecipeException>(() => RecipeLayerCheck.Check(Read($$"""{ "{{layer}}": { "density": 0.5 } }"""), Network)).Message);

    [Fact]
    public void A_granularity_without_room_in_its_layer_is_refused_at_its_place() => Assert.Equal(
        "r.json:1:138: layer 'conv' has only one input channel, where the granularity 2:4 makes no sense. Allowed: weight, 4x1, 8x1, 16x1",
        Assert.Throws<RecipeException>(() => RecipeLayerCheck.CheckGranularities(
            Read("""{ "fc": { "granularity": "1x4" }, "conv": { "granularity": "2:4" } }"""), Network)).Message);

    [Fact]
    public void A_granularity_with_room_is_taken() => RecipeLayerCheck.CheckGranularities(
        Read("""{ "fc": { "granularity": "2:4" }, "conv": { "granularity": "4x1" } }"""), Network);

    private static RecipeFile Read(string layers) => RecipeReader.Parse(
        $$"""{ "name": "a", "model": "m", "stages": [{ "stage": "prune", "method": "han", "density": 0.1, "layers": {{layers}} }] }""", "r.json");
}
