using System.Collections.Immutable;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class DistillationTests
{
    private static readonly TrainingOptions Imitation = new()
    {
        Epochs = 6,
        BatchSize = 16,
        Optimizer = new OptimizerOptions { LearningRate = 0.05 },
        Distillation = 1,
        DistillationTemperature = 4,
    };

    // Teacher (4·ln 9, 0) at T = 4: 9/10 and 1/10; the student (4·ln 3, 0): 3/4 and 1/4.
    // KL = 0.9·ln(0.9/0.75) + 0.1·ln(0.1/0.25) = 0.0724602; times T² = 16.
    [Fact]
    public void The_divergence_is_taken_at_the_temperature_and_scaled_by_its_square()
    {
        TorchLibrary.EnsureLoaded();
        using Tensor student = tensor([4 * MathF.Log(3), 0f], [1, 2]);
        using Tensor teacher = tensor([4 * MathF.Log(9), 0f], [1, 2]);
        using Tensor loss = Losses.Soft(student, teacher, 4);
        Assert.Equal(1.159364, loss.item<float>(), 1e-5);
    }

    // (1² + 3²)/2 = 5 and 2² = 4, their mean 4.5.
    [Fact]
    public void Outputs_of_networks_without_classes_count_alike()
    {
        TorchLibrary.EnsureLoaded();
        using Tensor a = tensor([1f, 3f]);
        using Tensor b = tensor([2f]);
        using Tensor loss = Losses.Squared([a, b], [zeros_like(a), zeros_like(b)]);
        Assert.Equal(4.5f, loss.item<float>());
    }

    [Fact]
    public void A_pruned_network_learns_the_dense_ones_classes_without_labels()
    {
        Graph dense = Trainer.Train(TinyProblem.Convolutional(), TinyProblem.Run(Imitation with { Distillation = 0 }), IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        Dataset data = TinyProblem.Images().WithoutLabels();
        Graph pruned = OneShotPruning.Apply(dense, n => (Granularity.Weight, 0.3));
        EvaluationResult before = Evaluator.Evaluate(pruned, data.Test, TinyProblem.NoScaling, dense: dense);
        Graph after = Trainer.Train(pruned, TinyProblem.Run(Imitation) with { Data = data, Teacher = dense }, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        EvaluationResult result = Evaluator.Evaluate(after, data.Test, TinyProblem.NoScaling, dense: dense);
        Assert.Equal(EvaluationBasis.DenseClasses, result.Basis);
        Assert.Equal((60, 0), (result.Samples, result.Wrong));
        Assert.InRange(result.Loss / before.Loss, 0, 0.7);
        Assert.All(after.PrunableNodes, n => Assert.Equal(0.3, after.WeightOf(n.PrunableWeight!).Density, 0.02));
    }

    [Fact]
    public void A_network_of_several_outputs_learns_them_by_their_squares()
    {
        Graph dense = TwoOutputs();
        Dataset data = TinyProblem.Images().WithoutLabels();
        Graph pruned = OneShotPruning.Apply(dense, n => (Granularity.Weight, 0.5));
        TrainingRun run = TinyProblem.Run(Imitation with { Epochs = 15 }) with { Data = data, Teacher = dense };
        double before = Evaluator.Evaluate(pruned, data.Test, TinyProblem.NoScaling, dense: dense).Loss;
        EvaluationResult after = Evaluator.Evaluate(Trainer.Train(pruned, run, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph, data.Test, TinyProblem.NoScaling, dense: dense);
        Assert.Equal(EvaluationBasis.DenseOutputs, after.Basis);
        Assert.InRange(after.Loss / before, 0, 0.7);
    }

    [Fact]
    public void Without_labels_anything_but_distillation_is_refused()
    {
        TrainingRun run = TinyProblem.Run(Imitation with { Distillation = 0.5 }) with { Data = TinyProblem.Images().WithoutLabels() };
        Assert.Equal(
            "distillation needs a dense network to learn from, and there is none in this run",
            Assert.Throws<TrainingException>(() => Trainer.Train(TinyProblem.Perceptron(), run, IProgressSink.Silent, TestContext.Current.CancellationToken)).Message);
        Assert.Equal(
            "the samples of 'tiny' have no labels, so that there is only the dense network to learn from: set \"distillation\": 1 in the training options",
            Assert.Throws<TrainingException>(() => Trainer.Train(TinyProblem.Perceptron(), run with { Teacher = TinyProblem.Perceptron() }, IProgressSink.Silent, TestContext.Current.CancellationToken)).Message);
    }

    private static Graph TwoOutputs()
    {
        Random random = new(4);
        Weight[] weights =
        [
            TinyProblem.Random("c.weight", random, 6, 1, 3, 3), TinyProblem.Zeros("c.bias", 6),
            TinyProblem.Random("map.weight", random, 2, 6, 1, 1), TinyProblem.Random("fc.weight", random, 4, 216),
        ];
        ImmutableArray<Node> nodes =
        [
            new Conv2d("c", "input", "c.out", "c.weight", "c.bias", Window2d.Square(3, 1, 1), 1),
            new Relu("relu", "c.out", "h"),
            new Conv2d("map", "h", "places", "map.weight", null, Window2d.Square(1), 1),
            new Flatten("flat", "h", "flat.out"),
            new Linear("fc", "flat.out", "scores", "fc.weight", null),
        ];
        return new Graph(
            "two", [new GraphValue("input", new TensorShape(TensorShape.Symbolic, 1, 6, 6))], ["places", "scores"], nodes,
            weights.ToImmutableDictionary(w => w.Name));
    }
}
