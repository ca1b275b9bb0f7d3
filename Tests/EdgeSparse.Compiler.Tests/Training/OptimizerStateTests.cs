using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class OptimizerStateTests
{
    [Theory]
    [InlineData(OptimizerKind.Sgd, false)]
    [InlineData(OptimizerKind.Sgd, true)]
    [InlineData(OptimizerKind.AdamW, false)]
    public void Two_runs_with_the_state_handed_on_are_one_run(OptimizerKind kind, bool nesterov)
    {
        // A step takes all samples, so that their order in each run does not matter but for rounding.
        TrainingOptions options = Options(kind, nesterov, epochs: 3);
        Graph graph = TinyProblem.Perceptron(masked: true);
        Graph whole = Train(graph, TinyProblem.Run(options with { Epochs = 6 })).Graph;
        TrainingResult first = Train(graph, TinyProblem.Run(options));
        Assert.Equal(3, first.Optimizer!.Steps);
        TrainingResult second = Train(first.Graph, TinyProblem.Run(options) with { Start = first.Optimizer });
        Assert.Equal(6, second.Optimizer!.Steps);
        Assert.InRange(Largest(whole, second.Graph), 0, 2e-5);
        Assert.InRange(Largest(whole, Train(first.Graph, TinyProblem.Run(options)).Graph), 1e-3, double.MaxValue);
    }

    [Fact]
    public void Another_kind_of_optimizer_begins_without()
    {
        OptimizerState sgd = Train(TinyProblem.Perceptron(), TinyProblem.Run(Options(OptimizerKind.Sgd, false, 2))).Optimizer!;
        TrainingRun run = TinyProblem.Run(Options(OptimizerKind.AdamW, false, 2));
        Assert.Equal(
            TinyProblem.ValuesOf(Train(TinyProblem.Perceptron(), run).Graph),
            TinyProblem.ValuesOf(Train(TinyProblem.Perceptron(), run with { Start = sgd }).Graph));
    }

    [Fact]
    public void A_finished_run_gives_the_same_state_from_its_checkpoint_and_another_start_is_another_run()
    {
        using TemporaryFolder folder = new();
        TrainingRun run = TinyProblem.Run(Options(OptimizerKind.Sgd, false, 2)) with { CheckpointPath = folder.File("c") };
        OptimizerState state = Train(TinyProblem.Perceptron(), run).Optimizer!;
        OptimizerState again = Train(TinyProblem.Perceptron(), run).Optimizer!;
        Assert.Equal(state.Steps, again.Steps);
        Assert.Equal(state.Slots.ToDictionary(), again.Slots.ToDictionary());
        TrainingException error = Assert.Throws<TrainingException>(() => Train(TinyProblem.Perceptron(), run with { Start = state }));
        Assert.Contains("is of another run", error.Message);
    }

    private static TrainingOptions Options(OptimizerKind kind, bool nesterov, int epochs) => new()
    {
        Epochs = epochs,
        BatchSize = 240,
        Optimizer = new OptimizerOptions { Kind = kind, Nesterov = nesterov, LearningRate = kind == OptimizerKind.Sgd ? 0.05 : 0.01, WeightDecay = 1e-3 },
    };

    private static double Largest(Graph a, Graph b) =>
        TinyProblem.ValuesOf(a).Max(w => w.Value.Zip(b.WeightOf(w.Key).Values.ToArray(), (x, y) => Math.Abs((double)x - y)).Max());

    private static TrainingResult Train(Graph graph, TrainingRun run) =>
        Trainer.Train(graph, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
}
