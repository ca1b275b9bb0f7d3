using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class ChannelConstantTests
{
    private static readonly TensorShape Image = new(TensorShape.Symbolic, 2, 4, 4);

    [Theory]
    [InlineData(BinaryFunction.Mul, false, 4.0, 0.0)]
    [InlineData(BinaryFunction.Div, false, 0.25, 0.0)]
    [InlineData(BinaryFunction.Add, true, 1.0, 4.0)]
    [InlineData(BinaryFunction.Sub, false, 1.0, -4.0)]
    [InlineData(BinaryFunction.Sub, true, -1.0, 4.0)]
    public void One_number_scales_and_shifts_all_channels(BinaryFunction function, bool constantIsLeft, double factor, double shift)
    {
        Graph graph = WithConstant(new TensorShape(), [4f], function, constantIsLeft);
        ChannelAffine affine = ChannelConstant.Of(graph, graph.NodeOf("op"))!;
        Assert.Equal("h", affine.Input);
        Assert.Equal([factor, factor], affine.Factors);
        Assert.Equal([shift, shift], affine.Shifts);
    }

    [Fact]
    public void A_constant_over_the_number_is_not_affine() =>
        Assert.Null(ChannelConstant.Of(WithConstant(new TensorShape(), [4f], BinaryFunction.Div, constantIsLeft: true), Last(BinaryFunction.Div)));

    [Fact]
    public void A_constant_that_varies_over_columns_is_none_of_channels()
    {
        Graph graph = WithConstant(new TensorShape(4), [1f, 2f, 3f, 4f], BinaryFunction.Add, constantIsLeft: false);
        Assert.Null(ChannelConstant.Of(graph, graph.NodeOf("op")));
        Assert.Equal([1.0, 2.0, 3.0, 4.0], ChannelConstant.Of(graph, graph.NodeOf("op"), axis: 3)!.Shifts);
    }

    [Theory]
    [InlineData(BinaryFunction.Mul, false)]
    [InlineData(BinaryFunction.Add, true)]
    [InlineData(BinaryFunction.Sub, true)]
    [InlineData(BinaryFunction.Div, false)]
    public void It_folds_into_the_convolution_before_it_together_with_a_batch_norm(BinaryFunction function, bool constantIsLeft)
    {
        Graph graph = WithConstant(new TensorShape(2, 1, 1), [4f, -0.5f], function, constantIsLeft, norm: true);
        Graph simple = InferenceSimplification.Apply(graph);
        Assert.Equal(["conv"], simple.Nodes.Select(n => n.Name));
        FoldBatchNormTests.AssertSameOutput(graph, simple);
    }

    [Fact]
    public void Casts_between_floats_and_moves_that_keep_all_in_place_are_taken_out()
    {
        Graph graph = new(
            "moves",
            [new GraphValue("x", Image)],
            ["y"],
            [
                new Cast("cast", "x", "a", EdgeSparse.Runtime.ElementType.Float16),
                new Transpose("transpose", "a", "b", [0, 1, 2, 3]),
                new Slice("slice", "b", "c", [SliceRange.Whole(TensorShape.Symbolic), SliceRange.Whole(2), SliceRange.Whole(4), SliceRange.Whole(4)]),
                new Pad("pad", "c", "d", [0, 0, 0, 0], [0, 0, 0, 0], PadMode.Constant),
                new Reshape("reshape", "d", "e", Image),
                new Expand("expand", "e", "f", Image),
                new Relu("relu", "f", "y"),
            ],
            ImmutableDictionary<string, Weight>.Empty);
        Assert.Equal(["relu"], InferenceSimplification.Apply(graph).Nodes.Select(n => n.Name));
    }

    private static Binary Last(BinaryFunction function) => new("op", "c", "h", "y", function);

    private static Graph WithConstant(TensorShape shape, float[] values, BinaryFunction function, bool constantIsLeft, bool norm = false)
    {
        float[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => (i % 7) - 2.5f)];
        ImmutableArray<Node> nodes = [
            new Conv2d("conv", "x", norm ? "g" : "h", "w", null, Window2d.Square(1), 1),
            new Constant("constant", "c", "values"),
            constantIsLeft ? new Binary("op", "c", "h", "y", function) : new Binary("op", "h", "c", "y", function)];
        ImmutableDictionary<string, Weight> weights = ImmutableDictionary<string, Weight>.Empty
            .Add("w", new Weight("w", new TensorShape(2, 2, 1, 1), Ramp(4))).Add("values", new Weight("values", shape, values));
        if (norm)
        {
            nodes = nodes.Insert(1, new BatchNorm("norm", "g", "h", "scale", "shift", "mean", "variance", 0.5f));
            foreach (string name in new[] { "scale", "shift", "mean", "variance" })
            {
                weights = weights.Add(name, new Weight(name, new TensorShape(2), [1.5f, 2.25f]));
            }
        }

        return new Graph("constant", [new GraphValue("x", Image)], ["y"], nodes, weights);
    }
}
