using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Pruning.Structured.Oto;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.Oto;

public sealed class OtoPrunerTests
{
    private static readonly OtoOptions Options = new()
    {
        Macs = 0.5,
        StartEpochs = 0.5,
        HalfSpaceEpochs = 0.5,
        LargestFactor = 1000,
        Lambda = 2,
        Training = new TrainingOptions { Epochs = 6, BatchSize = 16, Optimizer = new OptimizerOptions { LearningRate = 0.05 } },
    };

    private static TrainingRun Run => TinyProblem.Run(new TrainingOptions());

    [Theory]
    [InlineData(1, false)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    public void Groups_go_to_zero_in_training_and_cutting_them_out_changes_nothing(int steps, bool rectify)
    {
        OtoOptions options = Options with { Decay = new() { Steps = steps, Rectify = rectify } };
        Graph graph = TinyProblem.Perceptron();
        PruningGoal goal = new(graph, options);

        // The seed that the pruner gives its first training, so that both are the same one.
        Graph trained = Trainer.Train(graph, Run with { Seed = Run.Seed + 7919, Options = options.Training, Extension = _ => new OtoTraining(goal, options) }, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        int zero = StructuredRun.ZeroChannels(goal.Dependencies, trained, OtoPruner.IsOwn).Count();
        Assert.Equal(6, zero);

        Graph smaller = OtoPruner.Run(graph, options, Run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(new TensorShape(6, 36), smaller.WeightOf("fc1.weight").Shape);
        Assert.InRange(StructuredSamples.Difference(trained, smaller, 1), 0, 1e-5);
        Assert.True(Evaluator.Evaluate(smaller, TinyProblem.Images().Test, TinyProblem.NoScaling).Error < 0.2);
    }

    [Fact]
    public void A_target_that_training_does_not_reach_is_reached_by_the_smallest_weights()
    {
        OtoOptions gentle = Options with { Lambda = 1e-6, Epsilon = 0 };
        Graph smaller = OtoPruner.Run(TinyProblem.Perceptron(), gentle, Run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(6, smaller.WeightOf("fc1.weight").Shape[0]);
    }

    [Fact]
    public void A_killed_run_ends_in_the_same_network()
    {
        using TemporaryFolder folder = new();
        OtoOptions options = Options with { Decay = new() { Steps = 5, Rectify = true, LengthThreshold = 0.5 } };
        Graph whole = OtoPruner.Run(TinyProblem.Perceptron(), options, Run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        foreach (int steps in new[] { 5, 11, 40 })
        {
            TrainingRun run = Run with { CheckpointPath = folder.File($"run-{steps}") };
            using CancellationTokenSource stop = new();
            Assert.Throws<OperationCanceledException>(() => OtoPruner.Run(TinyProblem.Perceptron(), options, run, new StopAfter(steps, stop), stop.Token));
            Graph resumed = OtoPruner.Run(TinyProblem.Perceptron(), options, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
            Assert.Equal(TinyProblem.ValuesOf(whole), TinyProblem.ValuesOf(resumed));
        }
    }

    [Fact]
    public void Groups_that_zeros_do_not_close_stay_whole()
    {
        PruningException error = Assert.Throws<PruningException>(() =>
            OtoPruner.Run(TinyProblem.Upsampling(), Options with { Macs = 0.01 }, Run, IProgressSink.Silent, TestContext.Current.CancellationToken));
        Assert.StartsWith("macs = 0.01 cannot be met without emptying a layer or touching what has to stay whole", error.Message);
    }
}
