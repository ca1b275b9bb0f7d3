using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Pruning.Structured.Slicing;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Packing;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.Slicing;

public sealed class ChannelRemovalTests
{
    public static TheoryData<string> Samples => [.. StructuredSamples.All.Keys];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Cutting_out_channels_that_are_zero_changes_no_output(string sample)
    {
        Graph graph = StructuredSamples.All[sample];
        for (int seed = 0; seed < 20; seed++)
        {
            Assert.True(Check(graph, seed) > 0, $"{sample}, seed {seed}: nothing was removed");
        }
    }

    [Fact]
    public void The_same_holds_for_random_networks_of_all_operators()
    {
        int removed = 0;
        for (int seed = 0; seed < 150; seed++)
        {
            removed += Check(RandomNetwork.Create(seed, 10), seed);
            removed += Check(RandomOperators.Create(seed, 14), seed);
        }

        Assert.True(removed > 500, $"only {removed} channels were removed");
    }

    [Fact]
    public void A_channel_that_makes_no_zeros_can_still_be_cut_when_nobody_reads_it()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 5, 5))
            .Conv("conv", 4, Window2d.Square(3, 1, 1)).Sigmoid("sigmoid").Conv("last", 2, Window2d.Square(3, 1, 1)).Build();
        DependencyGraph dependencies = DependencyGraph.Of(graph);
        PrunableChannel channel = dependencies.ChannelAt("conv.weight", 0, 1)!;
        Assert.False(channel.KeepsZero);
        Graph zeroed = StructuredSamples.Zeroed(graph, [channel]);
        Graph sliced = new ChannelRemoval(DependencyGraph.Of(zeroed), [channel.Index]).Apply();
        Assert.InRange(StructuredSamples.Difference(zeroed, sliced, 1), 0, 1e-5);
    }

    [Fact]
    public void Masks_and_optimizer_state_are_cut_along_the_same_channels()
    {
        Graph graph = StructuredSamples.Flattened();
        Weight fc = graph.WeightOf("fc.weight");
        graph = graph.WithWeights([fc.With(fc.Values.Span, [.. Enumerable.Range(0, 80).Select(i => i % 3 != 0)])]);
        DependencyGraph dependencies = DependencyGraph.Of(graph);
        ChannelRemoval removal = new(dependencies, [dependencies.ChannelAt("conv.weight", 0, 1)!.Index]);
        Weight sliced = removal.Apply().WeightOf("fc.weight");
        int[] kept = [.. Enumerable.Range(0, 80).Where(i => i % 16 is < 4 or >= 8)];
        Assert.Equal(new TensorShape(5, 12), sliced.Shape);
        Assert.Equal(kept.Select(i => i % 3 != 0), sliced.Mask!.Value.ToArray());
        Assert.Equal(kept.Select(i => (float)i), removal.SliceState("fc.weight", [.. Enumerable.Range(0, 80).Select(i => (float)i)]));
        Assert.Equal(3 * 27, removal.SliceState("conv.weight", new float[4 * 27]).Length);
        Assert.Equal(3, removal.SliceState("conv.bias", new float[4]).Length);
    }

    [Fact]
    public void Groups_and_added_channels_shrink_with_what_they_count()
    {
        DependencyGraph grouped = DependencyGraph.Of(StructuredSamples.Grouped());
        Graph smaller = new ChannelRemoval(grouped, [grouped.ChannelAt("conv.weight", 0, 5)!.Index]).Apply();
        Assert.Equal(6, ((Conv2d)smaller.NodeOf("depthwise")).Groups);
        Assert.Equal(2, ((Conv2d)smaller.NodeOf("grouped")).Groups);

        DependencyGraph padded = DependencyGraph.Of(StructuredSamples.Padded());
        Pad pad = (Pad)new ChannelRemoval(padded, [padded.ChannelAt("conv2.weight", 0, 0)!.Index, padded.ChannelAt("conv.weight", 0, 2)!.Index]).Apply().NodeOf("zeros");
        Assert.Equal((1, 2), (pad.Before[1], pad.After[1]));
    }

    [Fact]
    public void A_layer_that_would_be_empty_is_named()
    {
        DependencyGraph dependencies = DependencyGraph.Of(StructuredSamples.Residual());
        PruningException error = Assert.Throws<PruningException>(() => new ChannelRemoval(dependencies, dependencies.Groups[1].Channels.Select(c => c.Index)));
        Assert.Equal("layer 'convA' would lose all its 4 channels; prune less", error.Message);
    }

    [Fact]
    public void A_smaller_resnet_costs_what_the_counts_say()
    {
        Graph graph = ModelZoo.Create("resnet-20", 1);
        Assert.Equal(150, Check(graph, 3, atMost: 150, compare: false));
    }

    /// <summary>Zeroes random channels, cuts them out, compares outputs and costs; the number removed.</summary>
    private static int Check(Graph graph, int seed, int atMost = int.MaxValue, bool compare = true)
    {
        Random random = new(seed);
        DependencyGraph dependencies = DependencyGraph.Of(graph);
        ChannelCounts counts = new(dependencies);
        PrunableChannel[] order = [.. dependencies.Channels.Where(c => c.KeepsZero)];
        random.Shuffle(order);
        foreach (PrunableChannel channel in order.Take(Math.Min(atMost, 1 + (order.Length / 2))))
        {
            counts.TryRemove(channel.Index);
        }

        int[] removed = [.. counts.Removed];

        // What makes the channels is zero, and what reads them keeps its weights: only then does removing them change nothing.
        Graph zeroed = StructuredSamples.Zeroed(graph, removed.Select(c => dependencies.Channels[c]), role => role != AxisRole.In);
        Graph sliced = new ChannelRemoval(DependencyGraph.Of(zeroed), removed).Apply();
        Assert.Equal(counts.Cost, NetworkCost.Of(sliced));
        if (compare && removed.Length > 0)
        {
            double difference = StructuredSamples.Difference(zeroed, sliced, seed);
            Assert.True(difference <= 1e-5, $"{graph.Name}, seed {seed}: outputs differ by {difference}");
        }

        return removed.Length;
    }
}
