using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class HanPrunerTests
{
    private static readonly TrainingOptions Retrain = new()
    {
        Epochs = 3,
        BatchSize = 16,
        Optimizer = new OptimizerOptions { LearningRate = 0.05, WeightDecay = 1e-4 },
        Schedule = new ScheduleOptions { Kind = ScheduleKind.Cosine },
    };

    private static readonly Lazy<Graph> Dense = new(() => Trainer.Train(TinyProblem.Perceptron(dropout: 0.2f), TinyProblem.Run(Retrain), IProgressSink.Silent).Graph);

    [Fact]
    public void Densities_fall_geometrically_to_their_target_and_the_error_stays_low()
    {
        PruningResult result = Run(Dense.Value, new HanPruningOptions
        {
            Iterations = 3,
            Density = 0.1,
            Layers = Layers(("fc2", new LayerTarget { Density = 0.5 })),
            RemoveDeadNeurons = false,
            Retrain = Retrain,
        });
        Assert.Equal([(201, 29), (93, 23), (43, 18)], result.Rounds.Select(r => (r.Sparsity.Layers[0].Kept, r.Sparsity.Layers[1].Kept)));
        Assert.Equal(["all", "all", "all"], result.Rounds.Select(r => r.Stage));
        Assert.InRange(result.Rounds[^1].ErrorAfter, 0, 0.05);

        // Connections lost: 43 of 432, so p = 0.2·√0.0995.
        Assert.Equal(0.0631f, Assert.IsType<Dropout>(result.Graph.NodeOf("dropout")).Probability, 1e-4f);
    }

    [Fact]
    public void Survivors_keep_their_values_when_nothing_is_retrained()
    {
        HanPruningOptions frozen = new() { Iterations = 1, Density = 0.5, RemoveDeadNeurons = false, Retrain = Retrain with { Epochs = 1, Optimizer = new OptimizerOptions { LearningRate = 1e-30 } } };
        Weight before = Dense.Value.WeightOf("fc1.weight");
        Weight after = Run(Dense.Value, frozen).Graph.WeightOf("fc1.weight");
        bool[] kept = after.Mask!.Value.ToArray();
        Assert.Equal(216, after.KeptCount);
        for (int i = 0; i < kept.Length; i++)
        {
            Assert.Equal(kept[i] ? before.Values.Span[i] : 0f, after.Values.Span[i]);
        }
    }

    [Fact]
    public void A_quality_parameter_prunes_less_and_less()
    {
        PruningResult result = Run(Dense.Value, new HanPruningOptions { Iterations = 2, Quality = 0.7, RemoveDeadNeurons = false, Retrain = Retrain });
        Weight first = Dense.Value.WeightOf("fc1.weight");
        int expected = MagnitudePruning.ByQuality(first, 0.7).Count(kept => kept);
        Assert.Equal(expected, result.Rounds[0].Sparsity.Layers[0].Kept);
        Assert.InRange(result.Rounds[1].Sparsity.Layers[0].Kept, 1, expected);
    }

    [Fact]
    public void Alternating_retrains_fully_connected_layers_with_frozen_convolutions_and_the_reverse()
    {
        Graph graph = Trainer.Train(TinyProblem.Convolutional(), TinyProblem.Run(Retrain), IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        ImmutableArray<PruningStage> stages = PruningStage.Of(graph, RetrainPolicy.Alternate);
        Assert.Equal([("fc", "fc", "bn,conv"), ("conv", "conv", "fc")], stages.Select(s => (s.Name, string.Join(',', s.Layers), string.Join(',', s.Frozen.Order()))));

        PruningResult result = Run(graph, new HanPruningOptions { Iterations = 2, Density = 0.5, Policy = RetrainPolicy.Alternate, Retrain = Retrain });
        Assert.Equal([(1, "fc"), (1, "conv"), (2, "fc"), (2, "conv")], result.Rounds.Select(r => (r.Round, r.Stage)));
        Assert.Equal(36, result.Rounds[0].Sparsity.Layers[0].Kept);
        Assert.Equal(25, result.Rounds[1].Sparsity.Layers[0].Kept);
        Assert.Equal(18, result.Rounds[3].Sparsity.Layers[0].Kept);
    }

    [Fact]
    public void Transposed_convolutions_count_among_the_convolutions() => Assert.Equal(
        [("fc", "fc", "conv,up"), ("conv", "conv,up", "fc")],
        PruningStage.Of(TinyProblem.Upsampling(), RetrainPolicy.Alternate)
            .Select(s => (s.Name, string.Join(',', s.Layers), string.Join(',', s.Frozen.Order()))));

    [Fact]
    public void A_network_of_one_kind_of_layer_has_one_stage()
    {
        PruningStage stage = Assert.Single(PruningStage.Of(Dense.Value, RetrainPolicy.Alternate));
        Assert.Equal("all", stage.Name);
        Assert.Empty(stage.Frozen);
    }

    [Fact]
    public void Sparsity_zero_keeps_every_weight()
    {
        PruningResult result = Run(Dense.Value, new HanPruningOptions { Iterations = 1, Sparsity = 0, Retrain = Retrain });
        Assert.Equal(1.0, result.Rounds[0].Sparsity.Density);
    }

    [Theory]
    [InlineData(1e-4, "layer 'fc1' would lose all its 432 weights at the density 0.0001; raise it")]
    [InlineData(0.0, "layer 'fc1' is to keep 0 of its weights; a density is above 0 and at most 1")]
    [InlineData(1.5, "layer 'fc1' is to keep 1.5 of its weights; a density is above 0 and at most 1")]
    public void A_density_that_leaves_nothing_is_refused(double density, string message) =>
        Assert.Equal(message, Refused(new HanPruningOptions { Iterations = 1, Density = density }));

    [Fact]
    public void A_quality_that_leaves_nothing_is_refused() => Assert.Equal(
        "layer 'fc1' would lose all its 432 weights with the quality parameter 50; lower it",
        Refused(new HanPruningOptions { Iterations = 1, Quality = 50 }));

    [Fact]
    public void A_layer_that_dies_with_its_neurons_is_refused()
    {
        // fc2 keeps one weight, and it reads a neuron that fc1 leaves without inputs.
        Graph graph = Dense.Value;
        Weight first = graph.WeightOf("fc1.weight");
        Weight second = graph.WeightOf("fc2.weight");
        graph = graph.WithWeights(
        [
            first.With(first.Values.Span, [.. Enumerable.Range(0, 432).Select(i => i >= 36)]),
            second.With(second.Values.Span, [.. Enumerable.Range(0, 36).Select(i => i == 0)]),
        ]);
        PruningException error = Assert.Throws<PruningException>(() => Run(graph, new HanPruningOptions { Iterations = 1, Density = 1 }));
        Assert.StartsWith("layer 'fc1' would lose all its weights, because every neuron of it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_stay_whole_through_all_rounds_and_retraining()
    {
        PruningResult result = Run(Dense.Value, new HanPruningOptions
        {
            Iterations = 3,
            Density = 0.1,
            Granularity = Granularity.Block4x1,
            Layers = Layers(("fc2", new LayerTarget { Granularity = Granularity.TwoOfFour })),
            RemoveDeadNeurons = false,
            Retrain = Retrain,
        });

        // 432·0.1^(1/3) = 200.5, 432·0.1^(2/3) = 93.1 and 43.2 in blocks of 4; fc2 on its way to 2 of 4 keeps 3 of 4 twice.
        Assert.Equal([(200, 27), (92, 27), (44, 18)], result.Rounds.Select(r => (r.Sparsity.Layers[0].Kept, r.Sparsity.Layers[1].Kept)));
        Assert.Equal([Granularity.Block4x1, Granularity.TwoOfFour], result.Granularities.Values);
        ReadOnlySpan<float> values = result.Graph.WeightOf("fc1.weight").Values.Span;
        for (int block = 0; block < 108; block++)
        {
            (int row, int column) = (block / 36 * 4, block % 36);
            int nonZero = 0;
            for (int i = 0; i < 4; i++)
            {
                nonZero += values[((row + i) * 36) + column] != 0 ? 1 : 0;
            }

            Assert.True(nonZero is 0 or 4, $"{nonZero} weights in block {block}");
        }

        Assert.InRange(result.Rounds[^1].ErrorAfter, 0, 0.05);
    }

    [Fact]
    public void Dead_neurons_go_from_blocks_too()
    {
        PruningResult result = Run(Dense.Value, new HanPruningOptions
        {
            Iterations = 2,
            Density = 0.04,
            Granularity = Granularity.Block4x4,
            Layers = Layers(("fc2", new LayerTarget { Density = 1, Granularity = Granularity.Weight })),
            Retrain = Retrain,
        });

        // 17.3 of 432 are one block of 4×4: eight of the twelve neurons have no inputs, and fc2 loses the 8·3 weights that read them.
        Assert.Equal((16, 12), (result.Rounds[^1].Sparsity.Layers[0].Kept, result.Rounds[^1].Sparsity.Layers[1].Kept));
    }

    [Fact]
    public void A_quality_parameter_prunes_blocks_by_their_root_mean_square()
    {
        PruningResult result = Run(
            Dense.Value, new HanPruningOptions { Iterations = 1, Quality = 0.7, Granularity = Granularity.Block1x4, RemoveDeadNeurons = false, Retrain = Retrain });
        bool[] mask = GranularPruning.ByQuality(Dense.Value.NodeOf("fc1"), Dense.Value.WeightOf("fc1.weight"), Granularity.Block1x4, 0.7);
        Assert.Equal(mask, result.Graph.WeightOf("fc1.weight").Mask!.Value.ToArray());
        Assert.InRange(mask.Count(kept => kept), 1, 428);
    }

    [Fact]
    public void A_layer_that_has_no_room_for_the_granularity_of_the_stage_keeps_single_weights_and_a_note_says_so()
    {
        Notes notes = new();
        PruningResult result = HanPruner.Run(
            TinyProblem.Convolutional(), new HanPruningOptions { Iterations = 1, Granularity = Granularity.TwoOfFour, RemoveDeadNeurons = false, Retrain = Retrain },
            TinyProblem.Run(Retrain), notes, TestContext.Current.CancellationToken);
        Assert.Equal("pruned by single weights, because the granularity 2:4 makes no sense there: 'conv' has only one input channel", notes.Lines[0]);
        Assert.Equal([("conv", Granularity.Weight), ("fc", Granularity.TwoOfFour)], result.Granularities.Select(g => (g.Key, g.Value)));
        Assert.Equal([18, 54], result.Rounds[0].Sparsity.Layers.Select(l => l.Kept));
    }

    [Fact]
    public void A_layer_that_has_no_room_for_its_own_granularity_is_refused()
    {
        HanPruningOptions options = new() { Density = 0.5, Layers = Layers(("conv", new LayerTarget { Granularity = Granularity.Block1x4 })) };
        Assert.Equal(
            "layer 'conv' has only one input channel, where the granularity 1x4 makes no sense. Allowed: weight, 4x1, 8x1, 16x1",
            Assert.Throws<PruningException>(() => Run(TinyProblem.Convolutional(), options)).Message);
    }

    [Fact]
    public void A_density_beside_N_in_M_is_refused() => Assert.Equal(
        "the granularity 2:4 by itself keeps 2 of 4 weights; leave density out",
        Refused(new HanPruningOptions { Density = 0.5, Granularity = Granularity.TwoOfFour }));

    [Fact]
    public void An_unknown_layer_is_refused_with_a_near_match() => Assert.Equal(
        "'tiny-mlp' has no layer 'fc11' to prune; did you mean 'fc1'? Allowed: fc1, fc2",
        Refused(new HanPruningOptions { Layers = Layers(("fc11", new LayerTarget { Density = 0.5 })) }));

    [Fact]
    public void Pruning_nothing_is_refused() =>
        Assert.Equal("nothing to prune: give quality, density, sparsity, or layers", Refused(new HanPruningOptions()));

    [Fact]
    public void A_pruning_stopped_between_rounds_ends_in_the_same_weights()
    {
        using TemporaryFolder folder = new();
        HanPruningOptions options = new() { Iterations = 2, Density = 0.2, Retrain = Retrain, FinalRetrain = Retrain with { Epochs = 4 } };
        PruningResult whole = Run(Dense.Value, options);
        TrainingRun run = TinyProblem.Run(Retrain) with { CheckpointPath = folder.File("prune") };
        HanPruner.Run(Dense.Value, options, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(["prune.001-all", "prune.002-all"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());

        // As after a kill in the second round: its checkpoint is not there.
        File.Delete(folder.File("prune.002-all"));
        PruningResult resumed = HanPruner.Run(Dense.Value, options, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(TinyProblem.ValuesOf(whole.Graph), TinyProblem.ValuesOf(resumed.Graph));
        Assert.Equal(whole.Rounds.Select(r => r.ErrorAfter), resumed.Rounds.Select(r => r.ErrorAfter));
    }

    private static string Refused(HanPruningOptions options) => Assert.Throws<PruningException>(() => Run(Dense.Value, options)).Message;

    private static PruningResult Run(Graph graph, HanPruningOptions options) =>
        HanPruner.Run(graph, options, TinyProblem.Run(Retrain), IProgressSink.Silent, TestContext.Current.CancellationToken);

    private static ImmutableSortedDictionary<string, LayerTarget> Layers(params (string Name, LayerTarget Target)[] layers) =>
        layers.ToImmutableSortedDictionary(l => l.Name, l => l.Target);

    private sealed class Notes : IProgressSink
    {
        public List<string> Lines { get; } = [];

        public IProgressTask Begin(string title, long total, string unit) => IProgressSink.Silent.Begin(title, total, unit);

        public void Note(string message) => Lines.Add(message);
    }
}
