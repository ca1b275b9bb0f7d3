using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Pruning.Structured.DepGraph;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured;

public sealed class StructuredRunTests
{
    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void What_is_left_goes_on_with_its_momentum(OptimizerKind kind)
    {
        // Steps over all samples: their order does not matter. A perceptron whose first, fifth and last hidden channels are zero
        // trains as the one without them does, if that one begins with the same momentum.
        TrainingOptions options = new()
        {
            Epochs = 3,
            BatchSize = 240,
            Optimizer = new OptimizerOptions { Kind = kind, LearningRate = kind == OptimizerKind.Sgd ? 0.05 : 0.01 },
        };
        int[] gone = [0, 4, 11];
        DependencyGraph dependencies = DependencyGraph.Of(TinyProblem.Perceptron());
        Graph zeroed = StructuredSamples.Zeroed(TinyProblem.Perceptron(), gone.Select(c => dependencies.Channels[c]));
        TrainingResult trained = Trainer.Train(zeroed, TinyProblem.Run(options), IProgressSink.Silent, TestContext.Current.CancellationToken);
        ChannelCounts counts = new(DependencyGraph.Of(trained.Graph));
        Assert.All(gone, c => Assert.True(counts.TryRemove(c)));

        StructuredRun run = new(TinyProblem.Run(options), IProgressSink.Silent, TestContext.Current.CancellationToken);
        DepGraphOptions fineTuned = new() { Macs = 0.5, FineTune = options };
        Graph whole = Trainer.Train(
            trained.Graph, TinyProblem.Run(options) with { Start = trained.Optimizer }, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        Graph smaller = run.Finish(trained.Graph, trained.Optimizer, counts, fineTuned, 1);
        Assert.Equal(new TensorShape(9, 36), smaller.WeightOf("fc1.weight").Shape);
        Assert.InRange(StructuredSamples.Difference(whole, smaller, 1), 0, 1e-4);
        Assert.InRange(StructuredSamples.Difference(whole, run.Finish(trained.Graph, null, counts, fineTuned, 1), 1), 1e-3, double.MaxValue);
    }
}
