using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Graphs;

/// <summary>What the evaluator does beyond single operators, which ONNX's own tests check.</summary>
public sealed class GraphEvaluatorTests
{
    [Fact]
    public void Several_inputs_give_several_outputs_for_as_many_samples_as_there_are()
    {
        Graph graph = Of(
            [new GraphValue("a", new TensorShape(TensorShape.Symbolic, 2)), new GraphValue("b", new TensorShape(2))],
            ["sum", "top"],
            new Binary("add", "a", "b", "sum", BinaryFunction.Add),
            new TopK("topk", "sum", "top", 1, 1, IsLargest: true, GivesIndices: true));
        IReadOnlyList<double[]> outputs = GraphEvaluator.Run(
            graph, new Dictionary<string, double[]> { ["a"] = [1, 2, 3, 4, 9, 6], ["b"] = [10, 20] });
        Assert.Equal([11, 22, 13, 24, 19, 26], outputs[0]);
        Assert.Equal([1, 1, 1], outputs[1]);
        Assert.Equal(ElementType.Int64, graph.Types["top"]);
    }

    [Fact]
    public void Inputs_that_nothing_reads_may_be_missing_and_others_not()
    {
        Graph graph = Of([new GraphValue("a", new TensorShape(2)), new GraphValue("b", new TensorShape(2))], ["y"], new Relu("r", "a", "y"));
        Assert.Equal([0, 3], GraphEvaluator.Run(graph, new Dictionary<string, double[]> { ["a"] = [-1, 3] })[0]);
        Assert.Equal(
            "the input 'a' has no values", Assert.Throws<GraphException>(() => GraphEvaluator.Run(graph, new Dictionary<string, double[]>())).Message);
        Assert.Equal(
            "the input 'a' has 3 values for the shape 2",
            Assert.Throws<GraphException>(() => GraphEvaluator.Run(graph, new Dictionary<string, double[]> { ["a"] = [1, 2, 3] })).Message);
    }

    [Theory]
    [InlineData(ElementType.Int8, 300.9, 44)]
    [InlineData(ElementType.UInt8, -1.5, 255)]
    [InlineData(ElementType.Int32, -7.9, -7)]
    [InlineData(ElementType.Bool, 0.25, 1)]
    [InlineData(ElementType.Float16, 0.3, 0.3)]
    public void Casts_round_towards_zero_and_wrap(ElementType to, double value, double expected)
    {
        Graph graph = Of([new GraphValue("x", new TensorShape(1))], ["y"], new Cast("c", "x", "y", to));
        Assert.Equal([expected], GraphEvaluator.Run(graph, new Dictionary<string, double[]> { ["x"] = [value] })[0]);
    }

    [Theory]
    [InlineData(PadMode.Constant, new double[] { 9, 9, 1, 2, 3, 9 })]
    [InlineData(PadMode.Edge, new double[] { 1, 1, 1, 2, 3, 3 })]
    [InlineData(PadMode.Reflect, new double[] { 3, 2, 1, 2, 3, 2 })]
    [InlineData(PadMode.Wrap, new double[] { 2, 3, 1, 2, 3, 1 })]
    public void Pads_take_their_values_from_the_constant_or_the_dimension(PadMode mode, double[] expected)
    {
        Graph graph = Of([new GraphValue("x", new TensorShape(3))], ["y"], new Pad("p", "x", "y", [2], [1], mode, 9));
        Assert.Equal(expected, GraphEvaluator.Run(graph, new Dictionary<string, double[]> { ["x"] = [1, 2, 3] })[0]);
    }

    [Theory]
    [InlineData(ResizeMode.Linear, false)]
    [InlineData(ResizeMode.Linear, true)]
    [InlineData(ResizeMode.Cubic, false)]
    [InlineData(ResizeMode.Cubic, true)]
    public void Shares_of_a_resized_element_sum_to_one(ResizeMode mode, bool antialias)
    {
        foreach (ResizeCoordinates coordinates in Enum.GetValues<ResizeCoordinates>())
        {
            Resize resize = new("r", "x", "y", new TensorShape(5), [5 / 8.0], mode, coordinates, ResizeRounding.Floor, Antialias: antialias);
            for (int o = 0; o < 5; o++)
            {
                (int Index, double Share)[] taps = ResizeTaps.At(resize, 8, 5, 5 / 8.0, o);
                Assert.Equal(1, taps.Sum(t => t.Share), 1e-12);
                Assert.All(taps, t => Assert.InRange(t.Index, 0, 7));
            }
        }
    }

    private static Graph Of(ImmutableArray<GraphValue> inputs, ImmutableArray<string> outputs, params Node[] nodes) =>
        new("evaluated", inputs, outputs, [.. nodes], ImmutableDictionary<string, Weight>.Empty);
}
