using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class OneShotMagnitudeTests
{
    [Fact]
    public void The_largest_weights_stay_and_of_equal_ones_the_first()
    {
        Graph pruned = OneShotMagnitude.Prune(Single([0.5f, -3f, 1f, 1f, -1f, 0.25f, 2f, 0f]), _ => 0.5);
        Assert.Equal([0f, -3f, 1f, 1f, 0f, 0f, 2f, 0f], pruned.WeightOf("w").Values.ToArray());
        Assert.Equal(
            [false, true, true, true, false, false, true, false], pruned.WeightOf("w").Mask!.Value.ToArray());
    }

    [Fact]
    public void Each_layer_keeps_exactly_its_share_and_at_density_1_stays_as_it_is()
    {
        Graph dense = ModelZoo.Create("mobilenet-v1", 5, new TensorShape(1, 3, 32, 32), 10);
        Graph pruned = OneShotMagnitude.Prune(dense, n => n is Conv2d { Groups: 1, Window: { KernelY: 1, KernelX: 1 } } ? 0.1 : 1);
        Assert.Equal(205, pruned.WeightOf("conv_pw_1.weight").KeptCount);
        Assert.Equal(104_858, pruned.WeightOf("conv_pw_13.weight").NonZeroCount);
        Assert.Null(pruned.WeightOf("conv_dw_1.weight").Mask);
        Assert.Same(dense.WeightOf("fc.weight"), pruned.WeightOf("fc.weight"));
    }

    [Fact]
    public void What_was_pruned_before_stays_pruned()
    {
        Weight weight = new Weight("w", new TensorShape(1, 4), [4f, 3f, 2f, 1f], [false, true, true, true]);
        Graph pruned = OneShotMagnitude.Prune(Single([0f, 0f, 0f, 0f]).WithWeights([weight]), _ => 0.5);
        Assert.Equal([0f, 3f, 2f, 0f], pruned.WeightOf("w").Values.ToArray());
    }

    [Fact]
    public void Transposed_convolutions_are_pruned_too_and_biases_are_not()
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 4, 3, 3)).ConvTranspose("up", 6, Window2d.Square(2, 2), groups: 2).Build();
        Graph pruned = OneShotMagnitude.Prune(graph, _ => 0.25);
        Assert.Equal(12, pruned.WeightOf("up.weight").KeptCount);
        Assert.Null(pruned.WeightOf("up.bias").Mask);
    }

    [Theory]
    [InlineData(0, "layer 'fc' is to keep 0 of its weights; a density is above 0 and at most 1")]
    [InlineData(1.5, "layer 'fc' is to keep 1.5 of its weights; a density is above 0 and at most 1")]
    [InlineData(double.NaN, "layer 'fc' is to keep NaN of its weights; a density is above 0 and at most 1")]
    [InlineData(0.1, "layer 'fc' would lose all its 4 weights at the density 0.1")]
    public void Densities_that_cannot_be_are_refused_by_layer(double density, string message) => Assert.Equal(
        message, Assert.Throws<PruningException>(() => OneShotMagnitude.Prune(Single([1f, 2f, 3f, 4f]), _ => density)).Message);

    [Fact]
    public void Layers_that_share_a_weight_must_agree()
    {
        Graph graph = new(
            "shared",
            [new GraphValue("x", new TensorShape(1, 2))],
            ["b"],
            [new Linear("first", "x", "a", "w", null), new Linear("second", "a", "b", "w", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(2, 2), [1f, 2f, 3f, 4f])));
        Assert.Equal([0f, 0f, 3f, 4f], OneShotMagnitude.Prune(graph, _ => 0.5).WeightOf("w").Values.ToArray());
        Assert.Equal(
            "layer 'second' shares 'w' with 'first', but they are to keep 0.25 and 0.5 of it",
            Assert.Throws<PruningException>(() => OneShotMagnitude.Prune(graph, n => n.Name == "first" ? 0.5 : 0.25)).Message);
    }

    private static Graph Single(float[] weights) => new(
        "single",
        [new GraphValue("x", new TensorShape(1, weights.Length))],
        ["y"],
        [new Linear("fc", "x", "y", "w", null)],
        ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(1, weights.Length), weights)));
}
