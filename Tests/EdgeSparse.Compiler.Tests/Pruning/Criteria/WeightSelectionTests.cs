using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Criteria;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning.Criteria;

public sealed class WeightSelectionTests
{
    static WeightSelectionTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void The_exact_rule_keeps_the_nearest_whole_number_and_the_earlier_of_equals()
    {
        Equal([1, 0, 1, 0, 1], Select(0.4, [.5, .1, .9, .3, .7]));
        Equal([1, 1, 1, 0], Select(0.25, [.5, .5, .5, .5]));
        Equal([1, 1, 0, 0], Select(0.5, [.5, .5, .5, .5]));
    }

    // k = ⌈5·0.6⌉ = 3, and the third largest goes too.
    [Fact]
    public void The_published_rule_drops_the_kth_largest_too()
    {
        Equal([0, 0, 1, 0, 1], Select(0.4, [.5, .1, .9, .3, .7], rule: SelectionRule.Threshold));
        Equal([1, 1], Select(0, [0, .1], rule: SelectionRule.Threshold));
    }

    [Fact]
    public void Joint_selection_has_one_threshold_and_independent_one_a_layer()
    {
        double[][] statistics = [[.9, .8, .7, .6], [.1, .2, .3, .4]];
        Graph graph = TwoLayers();
        ImmutableArray<bool[]> joint = Select(graph, new MagnitudeOptions { Sparsity = 0.375 }, statistics);
        Equal([1, 1, 1, 1], joint[0]);
        Equal([0, 0, 0, 1], joint[1]);
        ImmutableArray<bool[]> independent = Select(graph, new MagnitudeOptions { Sparsity = 0.5, Selection = SelectionScope.Independent }, statistics);
        Equal([1, 1, 0, 0], independent[0]);
        Equal([0, 0, 1, 1], independent[1]);
    }

    [Fact]
    public void A_layer_with_its_own_sparsity_stands_aside()
    {
        MagnitudeOptions options = new()
        {
            Sparsity = 0.25,
            Layers = ImmutableSortedDictionary<string, LayerGoal>.Empty.Add("a", new LayerGoal { Sparsity = 0.75 }),
        };
        ImmutableArray<bool[]> kept = Select(TwoLayers(), options, [[.9, .8, .7, .6], [.1, .2, .3, .4]]);
        Equal([1, 0, 0, 0], kept[0]);
        Equal([0, 1, 1, 1], kept[1]);
    }

    [Fact]
    public void What_was_pruned_stays_pruned_and_counts_towards_the_target()
    {
        Equal([0, 0, 1, 1], Select(0.5, [9, .1, .2, .3], [false, true, true, true]));
        Equal([0, 1, 1, 1], Select(0.1, [9, .1, .2, .3], [false, true, true, true]));
    }

    // a is applied at 4 positions, b at 1: with the power 1, a's statistics count a quarter.
    [Fact]
    public void Expensive_layers_lose_more_where_the_statistic_is_divided_by_multiplications()
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 1, 2, 2)).Conv("a", 4, Window2d.Square(1), bias: false).GlobalAveragePool("pool").Flatten("flat").Linear("b", 1, bias: false).Build();
        Assert.Equal([16L, 4L], PrunedLayer.Of(graph, new MagnitudeOptions { Sparsity = 0.5 }).Select(l => l.Multiplications));
        double[][] statistics = [[4, 3, 2.5, 2], [1.5, .9, .3, .2]];
        Equal([1, 1, 1, 1], Select(graph, new MagnitudeOptions { Sparsity = 0.5 - 0.125 }, statistics)[0]);
        ImmutableArray<bool[]> weighed = Select(graph, new MagnitudeOptions { Sparsity = 0.5, FlopPower = 1 }, statistics);
        Equal([1, 1, 0, 0], weighed[0]);
        Equal([1, 1, 0, 0], weighed[1]);
    }

    [Fact]
    public void Two_of_four_keeps_the_largest_of_each_group()
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 8)).Linear("a", 1, bias: false).Build();
        double[] weights = [.1, -.5, .3, .05, -.2, .2, .7, -.6];
        double[] squares = [.. weights.Select(w => w * w)];
        Equal([0, 1, 1, 0, 0, 0, 1, 1], Select(graph, new MagnitudeOptions { Granularity = Granularity.TwoOfFour }, [squares])[0]);
    }

    [Theory]
    [InlineData("1x4", 1, 4)]
    [InlineData("4x1", 4, 1)]
    [InlineData("4x4", 4, 4)]
    public void A_block_stays_or_goes_as_a_whole(string granularity, int rows, int columns)
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 16)).Linear("a", 8, bias: false).Build();
        Random random = new(3);
        double[] statistics = [.. Enumerable.Range(0, 128).Select(_ => random.NextDouble())];
        bool[] kept = Select(graph, new MagnitudeOptions { Sparsity = 0.75, Granularity = Granularity.Find(granularity)! }, [statistics])[0];
        Assert.Equal(32, kept.Count(k => k));
        for (int i = 0; i < 128; i++)
        {
            (int row, int column) = (i / 16, i % 16);
            Assert.Equal(kept[(row / rows * rows * 16) + (column / columns * columns)], kept[i]);
        }
    }

    [Fact]
    public void A_layer_that_would_lose_all_its_weights_is_refused() => Assert.Equal(
        "layer 'b' would lose all its 4 weights; lower the sparsity, give the layer one of its own, or exclude it",
        Assert.Throws<PruningException>(() => Select(TwoLayers(), new MagnitudeOptions { Sparsity = 0.5 }, [[.9, .8, .7, .6], [.1, .2, .3, .4]])).Message);

    /// <summary>1×4 and 4×1.</summary>
    private static Graph TwoLayers() => new GraphBuilder(new TensorShape(1, 4)).Linear("a", 1, bias: false).Linear("b", 4, bias: false).Build();

    private static bool[] Select(double sparsity, double[] statistics, bool[]? alive = null, SelectionRule rule = SelectionRule.Exact) => Select(
        new GraphBuilder(new TensorShape(1, statistics.Length)).Linear("a", 1, bias: false).Build(),
        new MagnitudeOptions { Sparsity = sparsity, Rule = rule }, [statistics], alive)[0];

    private static ImmutableArray<bool[]> Select(Graph graph, CriterionOptions options, double[][] statistics, bool[]? alive = null)
    {
        ImmutableArray<PrunedLayer> layers = PrunedLayer.Of(graph, options);
        using ScoredJudgement judgement = new([.. layers.Select(l => new float[l.Count])], [.. statistics]);
        return WeightSelection.Select(
            layers, [.. layers.Select(l => alive ?? Enumerable.Repeat(true, l.Count).ToArray())], judgement, options, target => target);
    }

    private static void Equal(int[] expected, bool[] kept) => Assert.Equal(expected, kept.Select(k => k ? 1 : 0));
}
