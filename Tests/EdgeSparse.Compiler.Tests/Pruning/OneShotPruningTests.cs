using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Tests.Training;

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

    [Theory]
    [InlineData("4x1", 0.5, "layer 'depthwise' is a depthwise convolution, where the granularity 4x1 makes no sense. Allowed: weight")]
    [InlineData("weight", 0.0, "layer 'first' is to keep 0 of its weights; a density is above 0 and at most 1")]
    [InlineData("weight", double.NaN, "layer 'first' is to keep NaN of its weights; a density is above 0 and at most 1")]
    [InlineData("4x1", 0.01, "layer 'first' would lose all its 72 weights at the density 0.01; raise it")]
    public void What_cannot_be_done_is_refused_with_the_layers_name(string granularity, double density, string message) => Assert.Equal(
        message, Assert.Throws<PruningException>(() => OneShotPruning.Apply(Separable(), _ => (Granularity.Find(granularity)!, density))).Message);

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
