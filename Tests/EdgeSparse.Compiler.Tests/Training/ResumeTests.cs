using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class ResumeTests
{
    private static readonly TrainingOptions Options = new()
    {
        Epochs = 3,
        BatchSize = 16,
        Optimizer = new OptimizerOptions { LearningRate = 0.02, Nesterov = true, WeightDecay = 1e-4 },
        Schedule = new ScheduleOptions { Kind = ScheduleKind.Triangular, WarmupEpochs = 0.5 },
        Augmentation = new AugmentationOptions { Shift = 1 },
    };

    private static Graph Network => TinyProblem.Perceptron(masked: true, dropout: 0.2f);

    [Theory]
    [InlineData(1, OptimizerKind.Sgd)]
    [InlineData(17, OptimizerKind.Sgd)]
    [InlineData(30, OptimizerKind.AdamW)]
    [InlineData(44, OptimizerKind.AdamW)]
    public void A_run_stopped_at_any_step_ends_in_the_same_weights(int stopAfter, OptimizerKind kind)
    {
        using TemporaryFolder folder = new();
        TrainingRun run = TinyProblem.Run(Options with { Optimizer = Options.Optimizer with { Kind = kind } });
        TrainingResult whole = Trainer.Train(Network, run, IProgressSink.Silent, TestContext.Current.CancellationToken);

        run = run with { CheckpointPath = folder.File("run.checkpoint") };
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => Trainer.Train(Network, run, new StopAfter(stopAfter, stop), stop.Token));
        TrainingResult resumed = Trainer.Train(Network, run, IProgressSink.Silent, TestContext.Current.CancellationToken);

        Assert.Equal(TinyProblem.ValuesOf(whole.Graph), TinyProblem.ValuesOf(resumed.Graph));
        Assert.Equal(whole.Epochs.AsEnumerable(), resumed.Epochs);
    }

    [Fact]
    public void A_run_killed_between_checkpoints_ends_in_the_same_weights()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("run.checkpoint");
        TrainingRun run = TinyProblem.Run(Options) with { CheckpointPath = path, CheckpointInterval = TimeSpan.Zero };

        // What a kill leaves is the last checkpoint alone: keep the one after step 23 and lose all that came later.
        CopyAfter copy = new(24, path, folder.File("kept"));
        TrainingResult whole = Trainer.Train(Network, run, copy, TestContext.Current.CancellationToken);
        File.Move(folder.File("kept"), path, overwrite: true);
        Assert.Equal(23, Checkpoint.Read(path).Step);

        TrainingResult resumed = Trainer.Train(Network, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(TinyProblem.ValuesOf(whole.Graph), TinyProblem.ValuesOf(resumed.Graph));
    }

    [Fact]
    public void A_finished_checkpoint_gives_the_result_without_training()
    {
        using TemporaryFolder folder = new();
        TrainingRun run = TinyProblem.Run(Options) with { CheckpointPath = folder.File("run.checkpoint") };
        TrainingResult first = Trainer.Train(Network, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        CountSteps steps = new();
        TrainingResult second = Trainer.Train(Network, run, steps, TestContext.Current.CancellationToken);
        Assert.Equal(1, steps.Count);
        Assert.Equal(TinyProblem.ValuesOf(first.Graph), TinyProblem.ValuesOf(second.Graph));
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused()
    {
        using TemporaryFolder folder = new();
        TrainingRun run = TinyProblem.Run(Options) with { CheckpointPath = folder.File("run.checkpoint") };
        Trainer.Train(Network, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        foreach (TrainingRun other in new[] { run with { Seed = 8 }, run with { Options = Options with { Epochs = 4 } } })
        {
            TrainingException error = Assert.Throws<TrainingException>(
                () => Trainer.Train(Network, other, IProgressSink.Silent, TestContext.Current.CancellationToken));
            Assert.Contains("is of another run", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Progress advances once when a run starts, then once a step.</summary>
    private class CountSteps : IProgressSink, IProgressTask
    {
        public int Count { get; private set; }

        public IProgressTask Begin(string title, long total, string unit) => this;

        public void Note(string message)
        {
        }

        public virtual void Advance(long amount = 1) => Count++;

        public void Describe(string detail)
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class StopAfter(int steps, CancellationTokenSource stop) : CountSteps
    {
        public override void Advance(long amount = 1)
        {
            base.Advance(amount);
            if (Count == steps + 1)
            {
                stop.Cancel();
            }
        }
    }

    private sealed class CopyAfter(int steps, string from, string to) : CountSteps
    {
        public override void Advance(long amount = 1)
        {
            base.Advance(amount);
            if (Count == steps + 1)
            {
                File.Copy(from, to);
            }
        }
    }
}
