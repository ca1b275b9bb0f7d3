using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class MnistTests
{
    [Fact]
    public void A_slice_of_mnist_is_learnt_pruned_and_relearnt()
    {
        string? folder = Environment.GetEnvironmentVariable("EDGESPARSE_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "EDGESPARSE_DATA names no folder with MNIST");
        Dataset mnist = DatasetCatalog.Open("mnist", new DataLocations(folder));
        TrainingOptions options = new()
        {
            Epochs = 3,
            BatchSize = 100,
            Optimizer = new OptimizerOptions { LearningRate = 0.1 },
            Schedule = new ScheduleOptions { Kind = ScheduleKind.Cosine },
        };
        TrainingRun run = new()
        {
            Options = options,
            Data = mnist with { Train = mnist.Train.Take(10_000), Test = mnist.Test.Take(2_000) },
            Scaling = new InputScaling([0f], [1f]),
            Seed = 1,
        };
        TrainingResult dense = Trainer.Train(ModelZoo.Create("lenet-300-100", 1), run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        double denseError = Evaluator.Evaluate(dense.Graph, run.Data.Test, run.Scaling).Error;
        PruningResult pruned = HanPruner.Run(
            dense.Graph, new HanPruningOptions { Iterations = 2, Density = 0.1, Retrain = options }, run, IProgressSink.Silent, TestContext.Current.CancellationToken);

        Assert.InRange(denseError, 0.02, 0.1);
        Assert.InRange(pruned.Rounds[^1].ErrorAfter, 0.02, 0.1);
        Assert.InRange(pruned.Rounds[^1].Sparsity.Kept, 20_000, 26_620);
    }
}
