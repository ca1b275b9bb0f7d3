using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.Decay;

/// <summary>What a recipe says of the decay, and what is taken where it says nothing.</summary>
public sealed class DecayOptionsTests
{
    [Theory]
    [InlineData("depgraph", """ "rounds": 1 """, 1, false)]
    [InlineData("oto", """ "decay": null """, 1, false)]
    [InlineData("gate-decorator", """ "decay": {} """, 10, false)]
    [InlineData("oto", """ "decay": { "rectify": true } """, 10, true)]
    [InlineData("oto", """ "decay": { "steps": 3 } """, 3, false)]
    [InlineData("oto", """ "decay": { "steps": 1 } """, 1, false)]
    public void Without_a_decay_the_host_is_alone_and_with_one_it_takes_ten_steps_unless_said_otherwise(string host, string decay, int steps, bool rectify)
    {
        string recipe = $$"""
            { "name": "r", "model": "resnet-20", "data": { "name": "cifar-10" }, "stages": [ { "stage": "prune", "method": "{{host}}", "macs": 0.5, {{decay}} } ] }
            """;
        var options = Assert.IsAssignableFrom<StructuredOptions>(RecipeReader.Parse(recipe, "r.json").Recipe.Stages[0].Options);
        Assert.Equal(steps, options.DecayOrNone.Steps);
        Assert.Equal(rectify, options.DecayOrNone.Rectify);
    }

    [Fact]
    public void A_threshold_that_is_given_holds_for_vectors_of_any_length()
    {
        EscapeCriterion given = new(0.3, 1);
        Assert.Equal(0.3, given.ThresholdFor(1));
        Assert.Equal(0.3, given.ThresholdFor(1000));
    }
}
