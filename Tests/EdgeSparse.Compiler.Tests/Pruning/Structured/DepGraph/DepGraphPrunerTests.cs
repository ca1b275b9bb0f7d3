using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Pruning.Structured.DepGraph;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.DepGraph;

public sealed class DepGraphPrunerTests
{
    private static readonly TrainingOptions Short = new() { Epochs = 2, BatchSize = 16, Optimizer = new OptimizerOptions { LearningRate = 0.02, WeightDecay = 1e-4 } };
    private static readonly DepGraphOptions Options = new() { Macs = 0.5, Rounds = 3, Pruning = Short, FineTune = Short };

    private static Graph Network => TinyProblem.Perceptron();

    private static TrainingRun Run => TinyProblem.Run(new TrainingOptions());

    [Fact]
    public void It_reaches_the_target_and_loses_no_more_than_it_has_to()
    {
        foreach (DepGraphOptions options in new[] { Options, Options with { Pruning = null, Rounds = 1 }, Options with { SparseLearning = new() { Training = Short } }, Options with { Decay = new() { Steps = 5, Rectify = true } } })
        {
            Graph smaller = DepGraphPruner.Run(Network, options, Run, IProgressSink.Silent, TestContext.Current.CancellationToken);
            Assert.Equal(new TensorShape(6, 36), smaller.WeightOf("fc1.weight").Shape);
            Assert.Equal(new TensorShape(3, 6), smaller.WeightOf("fc2.weight").Shape);
            Assert.True(Evaluator.Evaluate(smaller, TinyProblem.Images().Test, TinyProblem.NoScaling).Error < 0.2);
        }
    }

    [Fact]
    public void A_decay_of_one_step_is_the_host_alone_to_the_bit()
    {
        PruningGoal goal = new(Network, Options);
        Graph decayed = Trainer.Train(Network, Run with { Options = Short, Extension = _ => new DepGraphRounds(goal, Options) }, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        Graph plain = Trainer.Train(Network, Run with { Options = Short, Extension = _ => new ZeroAtOnce(goal) }, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        Assert.Equal(TinyProblem.ValuesOf(plain), TinyProblem.ValuesOf(decayed));
    }

    [Fact]
    public void A_rate_that_nothing_exceeds_is_smooth_pruning_to_the_bit()
    {
        Graph Pruned(DecayOptions decay) => DepGraphPruner.Run(Network, Options with { Decay = decay }, Run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(
            TinyProblem.ValuesOf(Pruned(new() { Steps = 5 })),
            TinyProblem.ValuesOf(Pruned(new() { Steps = 5, Rectify = true, RateThreshold = 1, LengthThreshold = 1000 })));
    }

    [Fact]
    public void A_released_channel_is_not_chosen_again_in_its_round()
    {
        DepGraphOptions options = Options with { Rounds = 2, Decay = new() { Steps = 4, Rectify = true } };
        PruningGoal goal = new(Network, options);
        ReleaseOnce criterion = new();
        WatchedRounds? watched = null;
        Trainer.Train(
            Network, Run with { Options = Short, Extension = _ => watched = new WatchedRounds(new DepGraphRounds(goal, options, criterion)) },
            IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.True(criterion.Released);
        int released = Assert.Single(watched!.Released);
        Assert.DoesNotContain(released, watched.DecayingInFirstRoundAfterwards);
        Assert.Equal(6, watched.Pruned);
    }

    [Fact]
    public void A_killed_run_ends_in_the_same_network()
    {
        using TemporaryFolder folder = new();
        DepGraphOptions options = Options with { Decay = new() { Steps = 5, Rectify = true, Adaptive = true, LengthThreshold = 0.5 } };
        Graph whole = DepGraphPruner.Run(Network, options, Run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        foreach (int steps in new[] { 3, 12, 31, 50 })
        {
            TrainingRun run = Run with { CheckpointPath = folder.File($"run-{steps}") };
            using CancellationTokenSource stop = new();
            Assert.Throws<OperationCanceledException>(() => DepGraphPruner.Run(Network, options, run, new StopAfter(steps, stop), stop.Token));
            Graph resumed = DepGraphPruner.Run(Network, options, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
            Assert.Equal(TinyProblem.ValuesOf(whole), TinyProblem.ValuesOf(resumed));
        }
    }

    [Theory]
    [InlineData(0.001, null, null, 1, "macs = 0.001 cannot be met without emptying a layer: at least 0.0834 stays")]
    [InlineData(0.5, "fc2", null, 1, "layer 'fc2' cannot lose channels: it is of the network's output 'logits'")]
    [InlineData(0.5, null, "fc1", 1, "macs = 0.5 cannot be met without emptying a layer or touching what has to stay whole: at least 1.0000 stays")]
    [InlineData(0.5, null, null, 11, "decay.steps is 11, but each of the 3 rounds has only 10 steps; train longer, or in fewer rounds")]
    public void What_cannot_be_done_is_said_before_anything_is(double macs, string? layer, string? keep, int steps, string message)
    {
        DepGraphOptions options = Options with { Macs = macs, Layers = layer is null ? [] : [layer], Keep = keep is null ? [] : [keep], Decay = new() { Steps = steps } };
        PruningException error = Assert.Throws<PruningException>(() => DepGraphPruner.Run(Network, options, Run, IProgressSink.Silent, TestContext.Current.CancellationToken));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void A_checkpoint_of_other_options_is_refused()
    {
        using TemporaryFolder folder = new();
        TrainingRun run = Run with { CheckpointPath = folder.File("run") };
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => DepGraphPruner.Run(Network, Options, run, new StopAfter(12, stop), stop.Token));
        TrainingException error = Assert.Throws<TrainingException>(() =>
            DepGraphPruner.Run(Network, Options with { Decay = new() { Steps = 3 } }, run, IProgressSink.Silent, TestContext.Current.CancellationToken));
        Assert.Contains("is of another run", error.Message);
    }

    /// <summary>DepGraph between training steps as its authors have it: what is chosen is zero after the step.</summary>
    private sealed class ZeroAtOnce(PruningGoal goal) : ITrainingExtension
    {
        private readonly ChannelCounts counts = goal.NewCounts();

        public string Identity => "zero at once";

        public IReadOnlyDictionary<string, Tensor> State { get; } = new Dictionary<string, Tensor>();

        public void BeforeUpdate(in TrainingStep step)
        {
            double due = Math.Min(1, ((step.Index / (step.Count / 3)) + 1) / 3.0);
            new GlobalSelection(goal.Dependencies, Options).Choose(
                counts, step.Model.Weights.ToDictionary(w => w.Key, w => TorchGraph.Download(w.Value)), cost => goal.IsMet(cost, counts.Before, due), _ => true);
        }

        public void AfterUpdate(in TrainingStep step)
        {
            foreach (ChannelMember member in counts.Removed.SelectMany(c => goal.Dependencies.Channels[c].Weights))
            {
                foreach (int position in member.Positions)
                {
                    step.Model.Weights[member.Axis.Tensor].narrow(member.Axis.Axis, position, 1).zero_();
                    step.Update.State[$"{member.Axis.Tensor}#0"].narrow(member.Axis.Axis, position, 1).zero_();
                }
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class ReleaseOnce : IReleaseCriterion
    {
        public bool Released { get; private set; }

        public string Identity => "once";

        public bool Resists(in DecayMeasure measure)
        {
            bool first = !Released;
            Released = true;
            return first;
        }
    }

    private sealed class WatchedRounds(DepGraphRounds rounds) : ITrainingExtension
    {
        public HashSet<int> Released { get; } = [];

        public HashSet<int> DecayingInFirstRoundAfterwards { get; } = [];

        public int Pruned { get; private set; }

        public string Identity => rounds.Identity;

        public IReadOnlyDictionary<string, Tensor> State => rounds.State;

        public void BeforeUpdate(in TrainingStep step) => rounds.BeforeUpdate(step);

        public void AfterUpdate(in TrainingStep step)
        {
            HashSet<int> before = [.. rounds.States.Decaying];
            rounds.AfterUpdate(step);
            if (step.Index < step.Count / 2)
            {
                DecayingInFirstRoundAfterwards.UnionWith(Released.Count > 0 ? rounds.States.Decaying : []);
            }

            Released.UnionWith(before.Where(c => rounds.States[c] == DecayState.Retained));
            Pruned = rounds.States.Pruned.Count();
        }

        public void Dispose() => rounds.Dispose();
    }
}
