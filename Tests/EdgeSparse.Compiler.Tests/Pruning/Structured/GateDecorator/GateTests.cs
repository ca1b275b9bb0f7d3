using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Pruning.Structured.GateDecorator;
using EdgeSparse.Compiler.Pruning.Structured.Slicing;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.GateDecorator;

public sealed class GateTests
{
    [Fact]
    public void Gates_are_the_worked_ones()
    {
        (float[] phi, float[] beta) = Gate.Of([2, 0.5f, 0], [1, -6, 3]);
        Assert.Equal([2, 0.5f, 0], phi);
        Assert.Equal([0.5f, -10, 0], beta);
        (float[] gamma, float[] shift) = Gate.Melt(phi, beta);
        Assert.Equal([2, 0.5f, 0], gamma);
        Assert.Equal([1f, -5, 0], shift);
    }

    [Fact]
    public void Decorating_changes_nothing_where_shifts_are_at_most_ten_scales()
    {
        Graph graph = StructuredSamples.Residual();
        graph = graph.WithWeights(graph.Nodes.OfType<BatchNorm>().Select(n =>
        {
            Weight scale = graph.WeightOf(n.Scale);
            return scale.With([.. scale.Values.ToArray().Select(v => v < 0 ? v - 0.1f : v + 0.1f)]);
        }));
        Assert.InRange(StructuredSamples.Difference(graph, Gate.Decorate(graph), 3), 0, 1e-5);
    }

    [Fact]
    public void Melting_closed_gates_changes_nothing()
    {
        Graph graph = StructuredSamples.Residual();
        DependencyGraph dependencies = DependencyGraph.Of(graph);
        int[] closed = [1, 3, 4, 6];
        Graph masked = StructuredSamples.Zeroed(graph, closed.Select(c => dependencies.Channels[c]), role => role is AxisRole.Scale or AxisRole.Shift);
        Assert.Equal(closed, StructuredRun.ZeroChannels(dependencies, masked, role => role == AxisRole.Scale));
        Graph melted = new ChannelRemoval(DependencyGraph.Of(masked), closed).Apply();
        Assert.InRange(StructuredSamples.Difference(masked, melted, 3), 0, 1e-5);
    }

    [Fact]
    public void Shared_gates_are_chosen_as_in_the_worked_example()
    {
        var keep = GateSelection.Keep([new GateGroup([0.3, 0.4, 0.5], 2, 1), new GateGroup([0.05, 0.6], 1, 1)], 1);
        Assert.Equal([false, true, true], keep[0]);
        Assert.Equal([false, true], keep[1]);
    }

    [Fact]
    public void Channels_that_are_gone_are_no_candidates()
    {
        var keep = GateSelection.Keep([new GateGroup([double.NegativeInfinity, 0.4, 0.5], 1, 1), new GateGroup([-0.2, 0.6], 1, 1)], 0);
        Assert.Equal([false, true, true], keep[0]);
        Assert.Equal([false, true], keep[1]);
        Assert.Equal(1, GateSelection.CountOf(100, 0.002));
        Assert.Equal(8, GateSelection.CountOf(4224, 0.002));
    }
}
