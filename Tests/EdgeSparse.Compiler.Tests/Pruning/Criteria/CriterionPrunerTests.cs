using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Criteria;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning.Criteria;

public sealed class CriterionPrunerTests
{
    private static readonly TrainingOptions Training = new()
    {
        Epochs = 4,
        BatchSize = 16,
        Optimizer = new OptimizerOptions { LearningRate = 0.05, WeightDecay = 1e-4 },
        Schedule = new ScheduleOptions { Kind = ScheduleKind.Cosine },
    };

    private static readonly GradualOptions Gradual = new() { InitialSparsity = 0.2, StartEpoch = 1, Frequency = 1, EndEpoch = 3 };

    private static readonly Lazy<Graph> Dense = new(() => Trainer.Train(TinyProblem.Perceptron(), TinyProblem.Run(Training), IProgressSink.Silent).Graph);

    private static readonly Lazy<Graph> Convolutional = new(() => Trainer.Train(TinyProblem.Convolutional(), TinyProblem.Run(Training), IProgressSink.Silent).Graph);

    public static TheoryData<string> Methods => ["magnitude", "random", "diagonal-fisher", "k-fac", "woodfisher", "greedy", "movement"];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_criterion_reaches_its_target_and_only_ever_takes_away(string method)
    {
        Notes notes = new();
        CriterionOptions options = Options(method) with { Sparsity = 0.8, Gradual = Gradual, Training = Training };
        Graph pruned = Run(Dense.Value, options, progress: notes);
        Assert.Equal(94, Kept(pruned));
        string[] levels = [.. notes.Lines.Where(l => l.Contains("weights removed")).Select(l => l.Split(' ')[2])];

        // 468 weights: 20 %, then 0.8 − 0.6/8 = 72.5 %, then 80 %; whole weights.
        Assert.Equal(["20.09", "72.44", "79.91"], levels);
    }

    [Fact]
    public void With_dampening_far_above_the_curvature_weights_go_by_magnitude_and_the_others_stay()
    {
        WoodFisherOptions flat = new() { Sparsity = 0.7, Gradients = 100, Dampening = 1e6 };
        Equal(Run(Dense.Value, new MagnitudeOptions { Sparsity = 0.7 }), Run(Dense.Value, flat), 1e-5f);
    }

    [Theory]
    [InlineData(SurvivorUpdate.Summed)]
    [InlineData(SurvivorUpdate.Exact)]
    public void Without_update_or_with_a_factor_of_zero_survivors_keep_their_values(SurvivorUpdate update)
    {
        WoodFisherOptions options = new() { Sparsity = 0.7, Gradients = 100, UpdateScale = 0, Update = update };
        Graph scaled = Run(Dense.Value, options);
        Equal(scaled, Run(Dense.Value, options with { Update = SurvivorUpdate.None, UpdateScale = 1 }), 0);
        foreach (string name in new[] { "fc1.weight", "fc2.weight" })
        {
            Weight weight = scaled.WeightOf(name);
            float[] before = Dense.Value.WeightOf(name).Values.ToArray();
            Assert.Equal(before.Zip(weight.Mask!.Value.ToArray(), (v, kept) => kept ? v : 0f), weight.Values.ToArray());
        }
    }

    [Fact]
    public void What_is_made_up_for_exactly_costs_less_than_what_is_not()
    {
        WoodFisherOptions options = new() { Sparsity = 0.6, Gradients = 240, Dampening = 1e-4 };
        double Loss(CriterionOptions o)
        {
            TrainingRun run = TinyProblem.Run(Training);
            return Evaluator.Evaluate(Run(Dense.Value, o), run.Data.Train, run.Scaling).Loss;
        }

        double exact = Loss(options);
        Assert.InRange(Loss(options with { Update = SurvivorUpdate.Greedy }), 0, Loss(options with { Update = SurvivorUpdate.None }));
        Assert.InRange(exact, 0, Loss(options with { Update = SurvivorUpdate.None }));
        Assert.InRange(exact, 0, Loss(new MagnitudeOptions { Sparsity = 0.6 }));
        Assert.InRange(exact, 0, Loss(new RandomOptions { Sparsity = 0.6 }));
    }

    [Theory]
    [InlineData(FisherForm.Dense)]
    [InlineData(FisherForm.Factored)]
    [InlineData(FisherForm.Dual)]
    public void Every_form_of_the_inverse_prunes_the_same_weights_to_the_same_values(FisherForm form)
    {
        WoodFisherOptions options = new() { Sparsity = 0.5, Gradients = 60, Dampening = 1e-3, Steps = 2, Scope = CurvatureScope.Network };
        Equal(Run(Dense.Value, options), Run(Dense.Value, options with { Form = form }), 1e-4f);
    }

    [Theory]
    [InlineData("magnitude")]
    [InlineData("woodfisher")]
    public void Pruned_weights_are_exactly_zero_after_a_hundred_steps_of_momentum(string method)
    {
        // 240 samples in batches of 16: 8 epochs are 120 steps.
        CriterionOptions options = Options(method) with { Sparsity = 0.5, Training = Training with { Epochs = 8 } };
        Graph before = Run(Dense.Value, options with { Training = null });
        Graph after = Run(Dense.Value, options);
        foreach (Node node in after.PrunableNodes)
        {
            Weight weight = after.WeightOf(node.PrunableWeight!);
            Assert.Equal(before.WeightOf(weight.Name).Mask!.Value.ToArray(), weight.Mask!.Value.ToArray());
            Assert.NotEqual(before.WeightOf(weight.Name).Values.ToArray(), weight.Values.ToArray());
            Assert.All(weight.Values.ToArray().Zip(weight.Mask!.Value.ToArray()), p => Assert.True(p.Second || p.First == 0));
        }
    }

    [Fact]
    public void Weights_that_were_pruned_before_stay_pruned()
    {
        Graph half = Run(Dense.Value, new RandomOptions { Sparsity = 0.5 });
        Graph more = Run(half, new WoodFisherOptions { Sparsity = 0.8, Gradients = 50 });
        Assert.Equal(94, Kept(more));
        foreach (Node node in more.PrunableNodes)
        {
            bool[] first = half.WeightOf(node.PrunableWeight!).Mask!.Value.ToArray();
            Assert.DoesNotContain(first.Zip(more.WeightOf(node.PrunableWeight!).Mask!.Value.ToArray()), p => p is { First: false, Second: true });
        }
    }

    [Theory]
    [InlineData("2:4", 2, SurvivorUpdate.Exact, 2)]
    [InlineData("4:8", 4, SurvivorUpdate.Exact, 2)]
    [InlineData("2:4", 2, SurvivorUpdate.Greedy, 1)]
    [InlineData("4:8", 4, SurvivorUpdate.Greedy, 1)]
    public void Groups_keep_no_more_than_their_share(string granularity, int kept, SurvivorUpdate update, int steps)
    {
        Granularity groups = Granularity.Find(granularity)!;
        Graph pruned = Run(Dense.Value, new WoodFisherOptions { Granularity = groups, Gradients = 60, Steps = steps, Update = update });
        foreach ((string name, int columns) in new[] { ("fc1.weight", 36), ("fc2.weight", 12) })
        {
            float[] values = pruned.WeightOf(name).Values.ToArray();
            foreach (float[] row in values.Chunk(columns))
            {
                Assert.All(row.Chunk(groups.Columns), g => Assert.InRange(g.Count(v => v != 0), 1, Math.Min(kept, g.Length)));
            }
        }
    }

    [Theory]
    [InlineData("magnitude")]
    [InlineData("woodfisher")]
    [InlineData("greedy")]
    public void Blocks_go_as_a_whole(string method)
    {
        Graph pruned = Run(Dense.Value, Options(method) with { Sparsity = 0.5, Granularity = Granularity.Block1x4 });
        bool[] mask = pruned.WeightOf("fc1.weight").Mask!.Value.ToArray();
        Assert.All(mask.Chunk(4), block => Assert.Single(block.Distinct()));
    }

    [Fact]
    public void Recalibration_moves_running_statistics_and_nothing_else()
    {
        MagnitudeOptions options = new() { Sparsity = 0.5, Layers = Layer("fc", 0.5) };
        Graph plain = Run(Convolutional.Value, options);
        Graph recalibrated = Run(Convolutional.Value, options with { Recalibrate = 200 });
        string[] moved = [.. plain.Weights.Keys.Where(k => !plain.WeightOf(k).Values.Span.SequenceEqual(recalibrated.WeightOf(k).Values.Span)).Order()];
        Assert.Equal(["bn.mean", "bn.variance"], moved);
        Assert.Equal(Convolutional.Value.WeightOf("bn.mean").Values.ToArray(), plain.WeightOf("bn.mean").Values.ToArray());
    }

    [Fact]
    public void Gradients_leave_running_statistics_alone()
    {
        Graph pruned = Run(Convolutional.Value, new WoodFisherOptions { Sparsity = 0.5, Gradients = 50, Exclude = ["conv"] });
        foreach (string name in new[] { "bn.mean", "bn.variance", "bn.scale", "conv.weight" })
        {
            Assert.Equal(Convolutional.Value.WeightOf(name).Values.ToArray(), pruned.WeightOf(name).Values.ToArray());
        }
    }

    [Theory]
    [InlineData("woodfisher")]
    [InlineData("movement")]
    public void A_run_stopped_anywhere_ends_in_the_same_weights(string method)
    {
        CriterionOptions options = Options(method) with { Sparsity = 0.8, Steps = 2, Gradual = Gradual, Training = Training };
        Graph whole = Run(Dense.Value, options);
        foreach (int stopAfter in new[] { 5, 22, 40, 60 })
        {
            using TemporaryFolder folder = new();
            TrainingRun run = TinyProblem.Run(Training) with { CheckpointPath = folder.File("run"), CheckpointInterval = TimeSpan.Zero };
            using CancellationTokenSource stop = new();
            Assert.ThrowsAny<OperationCanceledException>(() => CriterionPruner.Run(Dense.Value, options, run, new StopAfter(stopAfter, stop), stop.Token));
            Equal(whole, CriterionPruner.Run(Dense.Value, options, run, IProgressSink.Silent, TestContext.Current.CancellationToken), 0);
        }
    }

    [Fact]
    public void A_finished_run_is_not_repeated_and_one_of_other_options_is_refused()
    {
        using TemporaryFolder folder = new();
        TrainingRun run = TinyProblem.Run(Training) with { CheckpointPath = folder.File("run") };
        WoodFisherOptions options = new() { Sparsity = 0.5, Gradients = 50 };
        Graph first = CriterionPruner.Run(Dense.Value, options, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Notes notes = new();
        Equal(first, CriterionPruner.Run(Dense.Value, options, run, notes, TestContext.Current.CancellationToken), 0);
        Assert.Empty(notes.Lines);
        TrainingException error = Assert.Throws<TrainingException>(
            () => CriterionPruner.Run(Dense.Value, options with { Dampening = 1e-4 }, run, IProgressSink.Silent, TestContext.Current.CancellationToken));
        Assert.Contains("is of another run", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rate_of_training_in_parts_is_that_of_the_whole()
    {
        TrainingRun run = TinyProblem.Run(Training);
        double[] whole = [.. Rates(run with { Options = Training with { Epochs = 4 } })];
        double[] parts =
        [
            .. Rates(run with { Options = Training with { Epochs = 1 }, EpochsOfSchedule = 4 }),
            .. Rates(run with { Options = Training with { Epochs = 3 }, EpochsBefore = 1, EpochsOfSchedule = 4 }),
        ];
        Assert.Equal(whole, parts);

        static IEnumerable<double> Rates(TrainingRun run) =>
            Trainer.Train(TinyProblem.Perceptron(), run, IProgressSink.Silent, TestContext.Current.CancellationToken).Epochs.Select(e => e.LearningRate);
    }

    // At the end of one step over all samples, plain descent: the score is −w·g, g the slope of the mean loss.
    [Fact]
    public void Movement_is_the_weight_times_its_descent_added_up()
    {
        Graph graph = TinyProblem.Perceptron();
        Dictionary<string, float[]> scores = [];
        TrainingOptions one = new() { Epochs = 1, BatchSize = 240, Optimizer = new OptimizerOptions { LearningRate = 1e-3, Momentum = 0 } };
        Graph after = Trainer.Train(
            graph,
            TinyProblem.Run(one) with
            {
                Extension = model => new MovementScores(
                    model, ["fc1.weight"], new Dictionary<string, float[]> { ["fc1.weight"] = [.. Enumerable.Repeat(0.25f, 432)] }, (w, s) => scores[w] = s),
            },
            IProgressSink.Silent,
            TestContext.Current.CancellationToken).Graph;
        float[] before = graph.WeightOf("fc1.weight").Values.ToArray();
        float[] moved = after.WeightOf("fc1.weight").Values.ToArray();
        for (int i = 0; i < before.Length; i++)
        {
            // w' = w − 0.001·g.
            Assert.Equal(0.25 - (before[i] * ((before[i] - moved[i]) / 1e-3)), scores["fc1.weight"][i], 2e-4);
        }
    }

    private static CriterionOptions Options(string method) => method switch
    {
        "magnitude" => new MagnitudeOptions(),
        "random" => new RandomOptions(),
        "diagonal-fisher" => new DiagonalFisherOptions { Gradients = 60 },
        "k-fac" => new KroneckerOptions { Gradients = 60, Dampening = 1e-3 },
        "greedy" => new WoodFisherOptions { Gradients = 60, Dampening = 1e-4, Update = SurvivorUpdate.Greedy },
        "movement" => new MovementOptions(),
        _ => new WoodFisherOptions { Gradients = 60, Dampening = 1e-4 },
    };

    private static Graph Run(Graph graph, CriterionOptions options, IProgressSink? progress = null) =>
        CriterionPruner.Run(graph, options, TinyProblem.Run(Training), progress ?? IProgressSink.Silent, TestContext.Current.CancellationToken);

    private static int Kept(Graph graph) => graph.PrunableNodes.Sum(n => graph.WeightOf(n.PrunableWeight!).KeptCount);

    private static ImmutableSortedDictionary<string, LayerGoal> Layer(string name, double sparsity) =>
        ImmutableSortedDictionary<string, LayerGoal>.Empty.Add(name, new LayerGoal { Sparsity = sparsity });

    private static void Equal(Graph expected, Graph actual, float tolerance)
    {
        foreach ((string name, float[] values) in TinyProblem.ValuesOf(expected))
        {
            float[] others = actual.WeightOf(name).Values.ToArray();
            Assert.All(values.Zip(others), p => Assert.True(Math.Abs(p.First - p.Second) <= tolerance, $"{name}: {p.First} and {p.Second}"));
            Assert.Equal(expected.WeightOf(name).Mask?.ToArray(), actual.WeightOf(name).Mask?.ToArray());
        }
    }

    private class Notes : IProgressSink
    {
        public List<string> Lines { get; } = [];

        public virtual IProgressTask Begin(string title, long total, string unit) => IProgressSink.Silent.Begin(title, total, unit);

        public void Note(string message) => Lines.Add(message);
    }

    private sealed class StopAfter(int advances, CancellationTokenSource stop) : Notes, IProgressTask
    {
        private int count;

        public override IProgressTask Begin(string title, long total, string unit) => this;

        public void Advance(long amount = 1)
        {
            if (++count == advances)
            {
                stop.Cancel();
            }
        }

        public void Describe(string detail)
        {
        }

        public void Dispose()
        {
        }
    }
}
