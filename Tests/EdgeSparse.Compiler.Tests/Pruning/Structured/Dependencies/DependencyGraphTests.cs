using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Packing;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.Dependencies;

public sealed class DependencyGraphTests
{
    [Fact]
    public void A_residual_sum_ties_what_is_added()
    {
        DependencyGraph dependencies = DependencyGraph.Of(StructuredSamples.Residual());
        string[] expected = ["bn1 Scale 2", "bnB Scale 2", "conv1 Out 2", "convA In 2", "convB Out 2", "fc In 2"];
        Assert.Equal(expected, StructuredSamples.Words(dependencies.ChannelAt("conv1.weight", 0, 2)!));
        Assert.Same(dependencies.ChannelAt("conv1.weight", 0, 2), dependencies.ChannelAt("convB.weight", 0, 2));
        Assert.Equal(["bnA Scale 1", "convA Out 1", "convB In 1"], StructuredSamples.Words(dependencies.ChannelAt("convA.weight", 0, 1)!));
        Assert.Equal(2, dependencies.Groups.Length);
        Assert.Equal(["conv1", "convB"], dependencies.Groups[0].Producers);
        ChannelGroup whole = Assert.Single(dependencies.Blocked);
        Assert.Equal(["fc"], whole.Producers);
        Assert.Equal("it is of the network's output 'fc.out'", whole.Blocked);
    }

    [Fact]
    public void A_flattened_channel_is_a_run_of_columns() =>
        Assert.Equal(
            ["conv Out 3", "fc In 12,13,14,15"],
            StructuredSamples.Words(DependencyGraph.Of(StructuredSamples.Flattened()).ChannelAt("conv.weight", 0, 3)!));

    [Fact]
    public void A_joined_channel_has_an_offset() =>
        Assert.Equal(["B Out 2", "last In 6"], StructuredSamples.Words(DependencyGraph.Of(StructuredSamples.Joined()).ChannelAt("B.weight", 0, 2)!));

    [Fact]
    public void Depthwise_channels_go_through_and_grouped_ones_go_in_every_group()
    {
        DependencyGraph dependencies = DependencyGraph.Of(StructuredSamples.Grouped());
        Assert.Equal(
            ["bn Scale 1,5", "bn2 Scale 1,5", "conv Out 1,5", "depthwise Out 1,5", "grouped In 1"],
            StructuredSamples.Words(dependencies.ChannelAt("conv.weight", 0, 5)!));
        Assert.Equal(["grouped Out 2,6", "last In 2,6"], StructuredSamples.Words(dependencies.ChannelAt("grouped.weight", 0, 2)!));
    }

    [Fact]
    public void Added_channels_of_zeros_have_no_producer_and_an_offset()
    {
        DependencyGraph dependencies = DependencyGraph.Of(StructuredSamples.Padded());
        Assert.Equal(["bn2 Scale 3", "conv Out 1", "conv2 In 1", "conv2 Out 3", "fc In 3"], StructuredSamples.Words(dependencies.ChannelAt("conv.weight", 0, 1)!));
        Assert.Equal(["bn2 Scale 7", "conv2 Out 7", "fc In 7"], StructuredSamples.Words(dependencies.ChannelAt("conv2.weight", 0, 7)!));
        Assert.Equal([4, 4], dependencies.Groups.Select(g => g.Channels.Length));
    }

    [Fact]
    public void The_stages_of_resnet_20_share_channels_at_an_offset()
    {
        DependencyGraph dependencies = DependencyGraph.Of(ModelZoo.Create("resnet-20", 1));
        Assert.Equal(400, dependencies.Channels.Length);
        Assert.Equal(12, dependencies.Groups.Length);
        ChannelGroup first = dependencies.Groups[0];
        Assert.Equal((16, 10), (first.Channels.Length, first.Producers.Length));
        PrunableChannel channel = dependencies.ChannelAt("conv1.weight", 0, 5)!;
        Assert.Same(channel, dependencies.ChannelAt("layer2.2.conv2.weight", 0, 13));
        Assert.Same(channel, dependencies.ChannelAt("layer3.2.conv2.weight", 0, 29));
        Assert.Equal(40_551_040, new ChannelCounts(dependencies).Before.Macs);
        Assert.Equal(269_722, new ChannelCounts(dependencies).Before.Parameters);
    }

    [Fact]
    public void An_operator_it_does_not_know_is_named_and_holds_what_it_reads()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 6, 6))
            .Conv("conv", 4, Window2d.Square(3, 1, 1))
            .Append(new LocalResponseNorm("norm", "conv.out", "norm.out", 3, 1e-4f, 0.75f, 1))
            .Conv("conv2", 5, Window2d.Square(3, 1, 1)).Relu("relu").Conv("last", 2, Window2d.Square(1)).Build();
        DependencyGraph dependencies = DependencyGraph.Of(graph);
        Assert.Equal(["conv2"], dependencies.Groups.Select(g => g.Name));
        Assert.Contains(
            "the dependency graph does not follow channels through layer 'norm' (LocalResponseNorm)",
            dependencies.Blocked.Single(g => g.Name == "conv").Blocked);
    }

    [Fact]
    public void Every_channel_of_every_layer_is_in_one_set_and_the_set_is_the_same_from_each_of_its_members()
    {
        foreach (Graph graph in StructuredSamples.All.Values.Concat(Enumerable.Range(0, 60).Select(seed => RandomNetwork.Create(seed, 12))))
        {
            DependencyGraph dependencies = DependencyGraph.Of(graph);
            var channels = dependencies.Channels.Concat(dependencies.Blocked.SelectMany(g => g.Channels)).ToArray();
            foreach (WeightedLayer layer in graph.Nodes.OfType<WeightedLayer>())
            {
                int axis = layer is ConvTranspose2d && !ProductCouplings.IsDepthwise(graph, layer) ? 1 : 0;
                int[] covered = [.. channels.SelectMany(c => c.Weights).Where(m => m.Axis.Tensor == layer.Weight && m.Axis.Axis == axis).SelectMany(m => m.Positions).Order()];
                Assert.Equal(Enumerable.Range(0, graph.WeightOf(layer.Weight).Shape[axis]), covered);
            }

            foreach (PrunableChannel channel in dependencies.Channels)
            {
                Assert.All(channel.Weights.SelectMany(m => m.Positions.Select(p => (m.Axis, p))), m => Assert.Same(channel, dependencies.ChannelAt(m.Axis.Tensor, m.Axis.Axis, m.p)));
            }
        }
    }

    [Fact]
    public void No_layer_can_be_emptied()
    {
        DependencyGraph dependencies = DependencyGraph.Of(StructuredSamples.Residual());
        ChannelCounts counts = new(dependencies);
        int removed = dependencies.Channels.Count(c => counts.TryRemove(c.Index));
        Assert.Equal(6, removed);
        Assert.All(dependencies.Channels.Where(c => !counts.IsRemoved(c.Index)), c => Assert.False(counts.CanRemove(c.Index)));
        ChannelCounts half = new(dependencies, largestShare: 0.5);
        Assert.Equal(4, dependencies.Channels.Count(c => half.TryRemove(c.Index)));
    }
}
