using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class OneShotPruningTests
{
    [Fact]
    public void Each_layer_is_pruned_as_it_is_told()
    {
        Graph pruned = OneShotPruning.Apply(Separable(), node => node.Name switch
        {
            "first" => (Granularity.Weight, 1),
            "depthwise" => (Granularity.Weight, 0.5),
            "pointwise" => (Granularity.Block4x1, 0.25),
            _ => (Granularity.TwoOfFour, 0.1),
        });
        Assert.Equal([("first", 72), ("depthwise", 36), ("pointwise", 32), ("fc", 864)], NetworkSparsity.Of(pruned).Layers.Select(l => (l.Name, l.Kept)));
        Assert.Null(pruned.WeightOf("w.first").Mask);
    }

    [Fact]
    public void Survivors_keep_their_values()
    {
        Graph graph = Separable();
        Graph pruned = OneShotPruning.Apply(graph, n => (n.Name == "pointwise" ? Granularity.Block4x4 : Granularity.Weight, 0.5));
        float[] before = graph.WeightOf("w.pointwise").Values.ToArray();
        Weight after = pruned.WeightOf("w.pointwise");
        Assert.Equal(before.Select((v, i) => after.Mask!.Value.Span[i] ? v : 0f), after.Values.ToArray());
    }

    [Fact]
    public void A_second_time_changes_nothing()
    {
        static (Granularity Granularity, double Density) TargetOf(Node node) =>
            (node.Name is "depthwise" or "first" ? Granularity.Weight : Granularity.Block8x1, 0.2);
        Graph once = OneShotPruning.Apply(Separable(), TargetOf);
        Assert.Equal(TinyProblem.ValuesOf(once), TinyProblem.ValuesOf(OneShotPruning.Apply(once, TargetOf)));
    }

    [Fact]
    public void The_largest_weights_stay_and_of_equal_ones_the_first()
    {
        Graph pruned = OneShotPruning.Apply(Single([0.5f, -3f, 1f, 1f, -1f, 0.25f, 2f, 0f]), _ => (Granularity.Weight, 0.5));
        Assert.Equal([0f, -3f, 1f, 1f, 0f, 0f, 2f, 0f], pruned.WeightOf("w").Values.ToArray());
        Assert.Equal([false, true, true, true, false, false, true, false], pruned.WeightOf("w").Mask!.Value.ToArray());
    }

    [Fact]
    public void Each_layer_keeps_exactly_its_share_and_at_density_1_stays_as_it_is()
    {
        Graph dense = ModelZoo.Create("mobilenet-v1", 5, new TensorShape(1, 3, 32, 32), 10);
        Graph pruned = OneShotPruning.Apply(
            dense, n => (Granularity.Weight, n is Conv2d { Groups: 1, Window: { KernelY: 1, KernelX: 1 } } ? 0.1 : 1));
        Assert.Equal(205, pruned.WeightOf("conv_pw_1.weight").KeptCount);
        Assert.Equal(104_858, pruned.WeightOf("conv_pw_13.weight").NonZeroCount);
        Assert.Null(pruned.WeightOf("conv_dw_1.weight").Mask);
        Assert.Same(dense.WeightOf("fc.weight"), pruned.WeightOf("fc.weight"));
    }

    [Fact]
    public void What_was_pruned_before_stays_pruned()
    {
        Weight weight = new("w", new TensorShape(1, 4), [4f, 3f, 2f, 1f], [false, true, true, true]);
        Graph pruned = OneShotPruning.Apply(Single([0f, 0f, 0f, 0f]).WithWeights([weight]), _ => (Granularity.Weight, 0.5));
        Assert.Equal([0f, 3f, 2f, 0f], pruned.WeightOf("w").Values.ToArray());
    }

    [Fact]
    public void Transposed_convolutions_are_pruned_too_and_biases_are_not()
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 4, 3, 3)).ConvTranspose("up", 6, Window2d.Square(2, 2), groups: 2).Build();
        Graph pruned = OneShotPruning.Apply(graph, _ => (Granularity.Weight, 0.25));
        Assert.Equal(12, pruned.WeightOf("up.weight").KeptCount);
        Assert.Null(pruned.WeightOf("up.bias").Mask);
    }

    [Fact]
    public void Of_layers_that_share_a_weight_the_second_prunes_what_the_first_left()
    {
        Graph graph = new(
            "shared",
            [new GraphValue("x", new TensorShape(1, 2))],
            ["b"],
            [new Linear("first", "x", "a", "w", null), new Linear("second", "a", "b", "w", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(2, 2), [1f, 2f, 3f, 4f])));
        Assert.Equal([0f, 0f, 3f, 4f], OneShotPruning.Apply(graph, _ => (Granularity.Weight, 0.5)).WeightOf("w").Values.ToArray());
        Assert.Equal(
            [0f, 0f, 0f, 4f],
            OneShotPruning.Apply(graph, n => (Granularity.Weight, n.Name == "first" ? 0.5 : 0.25)).WeightOf("w").Values.ToArray());
    }

    [Theory]
    [InlineData("4x1", 0.5, "layer 'depthwise' is a depthwise convolution, where the granularity 4x1 makes no sense. Allowed: weight")]
    [InlineData("weight", 0.0, "layer 'first' is to keep 0 of its weights; a density is above 0 and at most 1")]
    [InlineData("weight", double.NaN, "layer 'first' is to keep NaN of its weights; a density is above 0 and at most 1")]
    [InlineData("4x1", 0.01, "layer 'first' would lose all its 72 weights at the density 0.01; raise it")]
    public void What_cannot_be_done_is_refused_with_the_layers_name(string granularity, double density, string message) => Assert.Equal(
        message, Assert.Throws<PruningException>(() => OneShotPruning.Apply(Separable(), _ => (Granularity.Find(granularity)!, density))).Message);

    private static Graph Single(float[] weights) => new(
        "single",
        [new GraphValue("x", new TensorShape(1, weights.Length))],
        ["y"],
        [new Linear("fc", "x", "y", "w", null)],
        ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(1, weights.Length), weights)));

    /// <summary>3×3 convolution 1→8, depthwise 3×3, pointwise 8→16, fully connected 576→3.</summary>
    private static Graph Separable()
    {
        Random random = new(11);
        ImmutableArray<Node> nodes =
        [
            new Conv2d("first", "input", "a", "w.first", null, Window2d.Square(3, pad: 1), 1),
            new Conv2d("depthwise", "a", "b", "w.depthwise", null, Window2d.Square(3, pad: 1), 8),
            new Conv2d("pointwise", "b", "c", "w.pointwise", null, Window2d.Square(1), 1),
            new Flatten("flatten", "c", "d"),
            new Linear("fc", "d", "e", "w.fc", null),
        ];
        return TinyProblem.Build(
            "separable", nodes, "e",
            TinyProblem.Random("w.first", random, 8, 1, 3, 3),
            TinyProblem.Random("w.depthwise", random, 8, 1, 3, 3),
            TinyProblem.Random("w.pointwise", random, 16, 8, 1, 1),
            TinyProblem.Random("w.fc", random, 3, 576));
    }
}
