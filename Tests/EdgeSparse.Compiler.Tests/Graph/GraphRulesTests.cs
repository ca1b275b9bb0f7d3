using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class GraphRulesTests
{
    private static readonly GraphValue X = new("x", new TensorShape(TensorShape.Symbolic, 4));

    [Fact]
    public void Two_inputs_of_one_name_are_refused() =>
        AssertRefused("graph 'g' has two inputs named 'x'", () => Make([X, X], ["x"]));

    [Fact]
    public void Two_layers_of_one_name_are_refused() => AssertRefused(
        "graph 'g' has two layers named 'r'", () => Make([X], ["a"], new Relu("r", "x", "a"), new Relu("r", "x", "b")));

    [Fact]
    public void A_layer_that_reads_what_comes_later_is_refused() => AssertRefused(
        "layer 'first' (Relu) reads 'b', which nothing before it writes",
        () => Make([X], ["a"], new Relu("first", "b", "a"), new Relu("second", "x", "b")));

    [Fact]
    public void A_value_that_is_written_twice_is_refused()
    {
        AssertRefused(
            "layer 'second' (Relu) writes 'a', which is written already",
            () => Make([X], ["a"], new Relu("first", "x", "a"), new Relu("second", "x", "a")));
        AssertRefused("layer 'r' (Relu) writes 'x', which is written already", () => Make([X], ["x"], new Relu("r", "x", "x")));
    }

    [Fact]
    public void A_missing_weight_is_refused() => AssertRefused(
        "layer 'fc' (Linear) needs the weight 'w', which is missing", () => Make([X], ["y"], new Linear("fc", "x", "y", "w", null)));

    [Fact]
    public void A_graph_has_outputs_and_something_writes_them()
    {
        AssertRefused("graph 'g' has no output", () => Make([X], []));
        AssertRefused("output 'z' of graph 'g' is written by nothing", () => Make([X], ["z"]));
    }

    [Fact]
    public void Layers_and_weights_are_found_by_name_or_refused_with_the_names_there_are()
    {
        Graph graph = Make([X], ["b"], new Relu("first", "x", "a"), new Relu("second", "a", "b"));
        Assert.Equal("a", graph.NodeOf("first").Output);
        Assert.Equal(["second"], graph.ConsumersOf("a").Select(n => n.Name));
        AssertRefused("graph 'g' has no layer 'third'; it has first, second", () => graph.NodeOf("third"));
        AssertRefused("graph 'g' has no weight 'w'", () => graph.WeightOf("w"));
    }

    [Fact]
    public void Replaced_weights_leave_the_graph_they_came_from_alone()
    {
        Weight weight = new("w", new TensorShape(2, 4), new float[8]);
        Graph graph = new(
            "g", [X], ["y"], [new Linear("fc", "x", "y", "w", null)], ImmutableDictionary<string, Weight>.Empty.Add("w", weight));
        Graph changed = graph.WithWeights([weight.With([1, 2, 3, 4, 5, 6, 7, 8])]);
        Assert.Equal(0, graph.WeightOf("w").NonZeroCount);
        Assert.Equal(8, changed.WeightOf("w").NonZeroCount);
        Assert.Equal(["fc"], changed.PrunableNodes.Select(n => n.Name));
    }

    private static Graph Make(ImmutableArray<GraphValue> inputs, ImmutableArray<string> outputs, params ImmutableArray<Node> nodes) =>
        new("g", inputs, outputs, nodes, ImmutableDictionary<string, Weight>.Empty);

    private static void AssertRefused(string message, Func<object?> make) =>
        Assert.Equal(message, Assert.Throws<GraphException>(() => { make(); }).Message);
}
