using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Tests.Training;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class DropoutAdjustmentTests
{
    [Theory]
    [InlineData(9, 100, 0.15)]
    [InlineData(25, 100, 0.25)]
    [InlineData(21168, 235200, 0.15)]
    [InlineData(100, 100, 0.5)]
    public void The_ratio_goes_with_the_root_of_the_connections_left(int kept, int all, double expected) =>
        Assert.Equal(expected, DropoutAdjustment.Adjusted(0.5, kept, all), 1e-9);

    [Fact]
    public void A_dropout_follows_the_layer_that_feeds_it_through_its_activation()
    {
        // 144 of 432 weights of fc1 kept: p = 0.6·√(1/3).
        Graph original = TinyProblem.Perceptron(dropout: 0.6f);
        Weight weight = original.WeightOf("fc1.weight");
        Graph pruned = original.WithWeights([weight.With(weight.Values.Span, MagnitudePruning.ByCount(weight, 144))]);
        Graph adjusted = DropoutAdjustment.Apply(pruned, original);
        Assert.Equal(0.34641016f, Assert.IsType<Dropout>(adjusted.NodeOf("dropout")).Probability, 1e-6f);

        // From the original again, not from what was adjusted already.
        Graph twice = DropoutAdjustment.Apply(adjusted, original);
        Assert.Equal(0.34641016f, Assert.IsType<Dropout>(twice.NodeOf("dropout")).Probability, 1e-6f);
    }
}
