using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class SensitivityScanTests
{
    [Fact]
    public void Each_layer_is_pruned_alone_at_each_density()
    {
        TrainingOptions options = new() { Epochs = 4, BatchSize = 16, Optimizer = new OptimizerOptions { LearningRate = 0.05 } };
        Graph graph = Trainer.Train(TinyProblem.Perceptron(), TinyProblem.Run(options), IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        ImmutableArray<SensitivityPoint> points = SensitivityScan.Run(
            graph, [1, 0.5, 0.01], TinyProblem.Images().Test, TinyProblem.NoScaling, IProgressSink.Silent, cancellation: TestContext.Current.CancellationToken);

        // 1 % of the 36 weights of fc2 is none, so that point is left out.
        Assert.Equal(["fc1 1", "fc1 0.5", "fc1 0.00926", "fc2 1", "fc2 0.5"], points.Select(p => FormattableString.Invariant($"{p.Layer} {p.Density:0.#####}")));
        Assert.Equal((0.0, 0.0), (points[0].Quality!.Value, points[0].Error));
        Assert.True(points[2].Error > 0.1, $"error {points[2].Error}");

        // The quality parameter of a point prunes as much as its density: at the threshold itself a weight goes.
        Weight weight = graph.WeightOf("fc1.weight");
        Assert.Equal(216, MagnitudePruning.ByQuality(weight, points[1].Quality!.Value * (1 + 1e-9)).Count(kept => kept));
    }

    [Fact]
    public void A_granularity_is_scanned_as_it_would_prune()
    {
        Graph graph = TinyProblem.Perceptron();
        ImmutableArray<SensitivityPoint> points = SensitivityScan.Run(
            graph, [0.3, 0.1], TinyProblem.Images().Test, TinyProblem.NoScaling, IProgressSink.Silent,
            granularityOf: n => n.Name == "fc1" ? Granularity.Block4x1 : Granularity.TwoOfFour, cancellation: TestContext.Current.CancellationToken);

        // fc1 is 12×36, 108 blocks of 4; fc2 has the one density that 2:4 gives, and no threshold would give it.
        Assert.Equal(
            [("fc1", 0.3, 32 * 4 / 432.0), ("fc1", 0.1, 11 * 4 / 432.0), ("fc2", 0.5, 0.5)],
            points.Select(p => (p.Layer, p.Asked, p.Density)));
        Assert.Null(points[2].Quality);
        Weight weight = graph.WeightOf("fc1.weight");
        bool[] same = GranularPruning.ByQuality(graph.NodeOf("fc1"), weight, Granularity.Block4x1, points[0].Quality!.Value * (1 + 1e-9));
        Assert.Equal(GranularPruning.ByDensity(graph.NodeOf("fc1"), weight, Granularity.Block4x1, 0.3), same);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_density_out_of_range_is_refused(double density) => Assert.Throws<PruningException>(() => SensitivityScan.Run(
        TinyProblem.Perceptron(), [0.5, density], TinyProblem.Images().Test, TinyProblem.NoScaling, IProgressSink.Silent, cancellation: TestContext.Current.CancellationToken));
}
