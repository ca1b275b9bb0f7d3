using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class FoldBatchNormTests
{
    private static readonly TensorShape Image = new(TensorShape.Symbolic, 4, 7, 6);

    [Fact]
    public void One_channel_folds_to_the_numbers_of_the_formula()
    {
        // s = 3 / sqrt(3.75 + 0.25) = 1.5: the weight 2 becomes 3, the bias (1 − 5)·1.5 + 7 = 1.
        Graph graph = new(
            "one",
            [new GraphValue("x", new TensorShape(1, 1))],
            ["y"],
            [new Linear("fc", "x", "h", "w", "b"), new BatchNorm("bn", "h", "y", "scale", "shift", "mean", "variance", 0.25f)],
            Vectors(("b", 1f), ("scale", 3f), ("shift", 7f), ("mean", 5f), ("variance", 3.75f))
                .Add("w", new Weight("w", new TensorShape(1, 1), [2f])));

        Graph folded = FoldBatchNorm.Apply(graph);

        Assert.Equal([new Linear("fc", "x", "y", "w", "b")], folded.Nodes);
        Assert.Equal([3f], folded.WeightOf("w").Values.ToArray());
        Assert.Equal([1f], folded.WeightOf("b").Values.ToArray());
        Assert.Equal(["b", "w"], folded.Weights.Keys.Order());
    }

    [Fact]
    public void A_convolution_without_bias_gets_one_and_computes_the_same()
    {
        Graph graph = new GraphBuilder(Image)
            .Conv("conv", 6, Window2d.Square(3, pad: 1), groups: 2, bias: false, density: 0.4).BatchNorm("bn").Relu("relu").Build();
        Graph folded = FoldBatchNorm.Apply(graph);

        Assert.Equal(["conv", "relu"], folded.Nodes.Select(n => n.Name));
        Assert.Equal("conv.bias", ((Conv2d)folded.NodeOf("conv")).Bias);
        AssertSameOutput(graph, folded);
    }

    [Fact]
    public void A_transposed_convolution_takes_the_factors_by_its_outputs()
    {
        Graph graph = new GraphBuilder(Image)
            .ConvTranspose("up", 6, Window2d.Square(3, 2), groups: 2, bias: false, density: 0.4, outputPadX: 1).BatchNorm("bn").Build();
        Graph folded = FoldBatchNorm.Apply(graph);

        Assert.Equal(["up"], folded.Nodes.Select(n => n.Name));
        Assert.Equal("up.bias", Assert.IsType<ConvTranspose2d>(folded.NodeOf("up")).Bias);
        Assert.Equal(graph.WeightOf("up.weight").Mask!.Value.ToArray(), folded.WeightOf("up.weight").Mask!.Value.ToArray());
        AssertSameOutput(graph, folded);
    }

    [Fact]
    public void It_stays_after_an_activation()
    {
        Graph graph = new GraphBuilder(Image).Conv("conv", 4, Window2d.Square(3)).HardSwish("swish").BatchNorm("bn").Build();
        Assert.Same(graph, FoldBatchNorm.Apply(graph));
    }

    [Fact]
    public void The_mask_stays_as_it_is()
    {
        Graph graph = new GraphBuilder(Image).Conv("conv", 6, Window2d.Square(3), density: 0.4).BatchNorm("bn").Build();
        Graph folded = FoldBatchNorm.Apply(graph);
        Assert.Equal(
            graph.WeightOf("conv.weight").Mask!.Value.ToArray(),
            folded.WeightOf("conv.weight").Mask!.Value.ToArray());
    }

    [Fact]
    public void Two_in_a_row_fold_both()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 9)).Linear("fc", 5).BatchNorm("a").BatchNorm("b", 0.5f).Build();
        Graph folded = FoldBatchNorm.Apply(graph);
        Assert.Equal(["fc"], folded.Nodes.Select(n => n.Name));
        AssertSameOutput(graph, folded);
    }

    [Fact]
    public void A_weight_that_another_layer_reads_is_left_to_it()
    {
        GraphBuilder builder = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 6)).Linear("fc", 6).BatchNorm("bn");
        Graph graph = builder.Append(new Linear("again", builder.Last, "last", "fc.weight", "fc.bias")).Build();
        Graph folded = FoldBatchNorm.Apply(graph);

        Assert.Equal("fc.weight_2", ((Linear)folded.NodeOf("fc")).Weight);
        Assert.Equal("fc.weight", ((Linear)folded.NodeOf("again")).Weight);
        AssertSameOutput(graph, folded);
    }

    [Fact]
    public void It_stays_where_the_layer_before_has_other_readers()
    {
        GraphBuilder builder = new GraphBuilder(Image).Conv("conv", 4, Window2d.Square(3, pad: 1));
        string branch = builder.Last;
        Graph graph = builder.BatchNorm("bn").Add("sum", branch).Build();
        Assert.Same(graph, FoldBatchNorm.Apply(graph));
    }

    [Fact]
    public void It_stays_where_the_layer_before_is_an_output()
    {
        GraphBuilder builder = new GraphBuilder(Image).Conv("conv", 4, Window2d.Square(3)).BatchNorm("bn");
        Graph graph = builder.Build("conv.out", "bn.out");
        Assert.Same(graph, FoldBatchNorm.Apply(graph));
    }

    [Fact]
    public void It_stays_after_a_linear_on_three_dimensions_whose_outputs_are_not_the_channels()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 5, 6)).Linear("fc", 5).BatchNorm("bn").Build();
        Assert.Same(graph, FoldBatchNorm.Apply(graph));
    }

    [Fact]
    public void A_division_by_zero_is_refused_by_layer_and_channel()
    {
        Graph graph = new(
            "zero",
            [new GraphValue("x", new TensorShape(1, 1))],
            ["y"],
            [new Linear("fc", "x", "h", "w", null), new BatchNorm("bn", "h", "y", "scale", "shift", "mean", "variance", 0f)],
            Vectors(("scale", 3f), ("shift", 7f), ("mean", 5f), ("variance", 0f)).Add("w", new Weight("w", new TensorShape(1, 1), [2f])));
        GraphException error = Assert.Throws<GraphException>(() => FoldBatchNorm.Apply(graph));
        Assert.Equal("layer 'bn' (BatchNorm) has variance + epsilon = 0 in channel 0; it must be positive", error.Message);
    }

    internal static void AssertSameOutput(Graph expected, Graph actual)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            float[] input = GraphBuilder.Sample(expected, seed);
            double[] before = GraphEvaluator.Run(expected, input);
            double[] after = GraphEvaluator.Run(actual, input);
            Assert.Equal(before.Length, after.Length);

            // Only the folded weights' rounding to fp32 may differ.
            double tolerance = 1e-6 * Math.Max(1, before.Max(Math.Abs));
            Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }
    }

    private static ImmutableDictionary<string, Weight> Vectors(params (string Name, float Value)[] values) =>
        values.ToImmutableDictionary(v => v.Name, v => new Weight(v.Name, new TensorShape(1), [v.Value]));
}
