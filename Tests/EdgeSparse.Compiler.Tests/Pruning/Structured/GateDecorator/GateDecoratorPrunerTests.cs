using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Pruning.Structured.GateDecorator;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.GateDecorator;

public sealed class GateDecoratorPrunerTests
{
    private static readonly TrainingOptions Short = new() { Epochs = 1, BatchSize = 16, Optimizer = new OptimizerOptions { LearningRate = 0.01 } };

    private static readonly GateDecoratorOptions Options = new() { Macs = 0.5, Share = 0.1, TicksPerTock = 3, TickSamples = 160, Tick = Short, Tock = Short, FineTune = Short };

    private static Graph Network => TinyProblem.Convolutional();

    private static TrainingRun Run => TinyProblem.Run(new TrainingOptions());

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public void It_reaches_the_target(int steps, bool rectify)
    {
        GateDecoratorOptions options = Options with { Decay = new() { Steps = steps, Rectify = rectify } };
        Graph smaller = GateDecoratorPruner.Run(Network, options, Run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(new TensorShape(2, 1, 3, 3), smaller.WeightOf("conv.weight").Shape);
        Assert.Equal(new TensorShape(3, 18), smaller.WeightOf("fc.weight").Shape);
        Assert.Equal(new TensorShape(2), smaller.WeightOf("bn.scale").Shape);
    }

    [Fact]
    public void Gates_learn_as_scale_and_shift_by_the_chain_rule()
    {
        // One step of one batch without momentum: φ moves by −rate · (∂L/∂γ + ∂L/∂β · β'), and β = 0 keeps β' · φ small.
        TrainingOptions one = Short with { BatchSize = 240, Optimizer = new OptimizerOptions { LearningRate = 0.01, Momentum = 0 } };
        GateDecoratorOptions options = Options with { Tock = one, SparseLambda = 0 };
        PruningGoal goal = new(Network, options);
        Graph gated = Trainer.Train(Network, Run with { Options = one, Extension = m => new GateTraining(m, goal, options, false, new HashSet<int>(), []) }, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        Graph plain = Trainer.Train(Network, Run with { Options = one }, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        (float[] scale, float[] shift) = (plain.WeightOf("bn.scale").Values.ToArray(), plain.WeightOf("bn.shift").Values.ToArray());
        Assert.All(gated.WeightOf("bn.scale").Values.ToArray().Zip(scale), p => Assert.Equal(p.Second, p.First, 1e-6f));

        // γ = 1 and β = 0 before: β' has moved as β would, and is multiplied by the new φ.
        Assert.All(gated.WeightOf("bn.shift").Values.ToArray().Zip(shift.Zip(scale, (b, g) => b * g)), p => Assert.Equal(p.Second, p.First, 1e-6f));
    }

    [Fact]
    public void A_killed_run_ends_in_the_same_network()
    {
        using TemporaryFolder folder = new();
        GateDecoratorOptions options = Options with { Decay = new DecayOptions { Steps = 3, Rectify = true, LengthThreshold = 0.9 } };
        Graph whole = GateDecoratorPruner.Run(Network, options, Run, IProgressSink.Silent, TestContext.Current.CancellationToken);
        foreach (int steps in new[] { 4, 20, 30 })
        {
            TrainingRun run = Run with { CheckpointPath = folder.File($"run-{steps}") };
            using CancellationTokenSource stop = new();
            Assert.Throws<OperationCanceledException>(() => GateDecoratorPruner.Run(Network, options, run, new StopAfter(steps, stop), stop.Token));
            Graph resumed = GateDecoratorPruner.Run(Network, options, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
            Assert.Equal(TinyProblem.ValuesOf(whole), TinyProblem.ValuesOf(resumed));
        }
    }

    [Fact]
    public void A_network_without_batch_normalisation_has_no_gates()
    {
        PruningException error = Assert.Throws<PruningException>(() =>
            GateDecoratorPruner.Run(TinyProblem.Perceptron(), Options, Run, IProgressSink.Silent, TestContext.Current.CancellationToken));
        Assert.Equal("macs = 0.5 cannot be met without emptying a layer or touching what has to stay whole: at least 1.0000 stays", error.Message);
    }
}
