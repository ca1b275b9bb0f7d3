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
}
