using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class TrainerTests
{
    private static readonly TrainingOptions Short = new()
    {
        Epochs = 4,
        BatchSize = 16,
        Optimizer = new OptimizerOptions { LearningRate = 0.05, WeightDecay = 1e-4 },
        Schedule = new ScheduleOptions { Kind = ScheduleKind.Cosine },
    };

    [Fact]
    public void A_perceptron_learns_to_tell_bright_sides()
    {
        TrainingResult result = Train(TinyProblem.Perceptron(), TinyProblem.Run(Short));
        Assert.Equal(4, result.Epochs.Length);
        Assert.True(result.Epochs[^1].Loss < 0.2, $"loss {result.Epochs[^1].Loss}");
        EvaluationResult test = Evaluator.Evaluate(result.Graph, TinyProblem.Images().Test, TinyProblem.NoScaling);
        Assert.Equal((60, 0), (test.Samples, test.Wrong));
    }

    [Fact]
    public void A_convolutional_network_with_batch_norm_and_softmax_learns_too()
    {
        Graph before = TinyProblem.Convolutional();
        Graph after = Train(before, TinyProblem.Run(Short)).Graph;
        Assert.Equal(0, Evaluator.Evaluate(after, TinyProblem.Images().Test, TinyProblem.NoScaling).Wrong);
        Assert.NotEqual(before.WeightOf("bn.mean").Values.ToArray(), after.WeightOf("bn.mean").Values.ToArray());
    }

    [Fact]
    public void Transposed_convolutions_learn_through_every_activation_and_keep_their_masks()
    {
        Graph before = TinyProblem.Upsampling();
        Graph after = Train(before, TinyProblem.Run(Short with { Epochs = 30 })).Graph;
        Assert.InRange(Evaluator.Evaluate(after, TinyProblem.Images().Test, TinyProblem.NoScaling).Wrong, 0, 2);
        Assert.NotEqual(before.WeightOf("up.bias").Values.ToArray(), after.WeightOf("up.bias").Values.ToArray());
        Weight up = after.WeightOf("up.weight");
        Assert.Equal((64, 32, 32), (up.ElementCount, up.KeptCount, up.NonZeroCount));
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others(OptimizerKind kind)
    {
        TrainingOptions options = Short with
        {
            Optimizer = Short.Optimizer with { Kind = kind, LearningRate = 0.01 },
            Augmentation = new AugmentationOptions { Shift = 1, Flip = true },
        };
        Graph graph = TinyProblem.Perceptron(dropout: 0.3f);
        Dictionary<string, float[]> first = TinyProblem.ValuesOf(Train(graph, TinyProblem.Run(options, seed: 3)).Graph);
        Assert.Equal(first, TinyProblem.ValuesOf(Train(graph, TinyProblem.Run(options, seed: 3)).Graph));
        Assert.NotEqual(first, TinyProblem.ValuesOf(Train(graph, TinyProblem.Run(options, seed: 4)).Graph));
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd, false)]
    [InlineData(OptimizerKind.Sgd, true)]
    [InlineData(OptimizerKind.AdamW, false)]
    public void Pruned_weights_stay_zero_through_momentum_steps(OptimizerKind kind, bool nesterov)
    {
        Graph graph = TinyProblem.Perceptron(masked: true);
        OptimizerOptions optimizer = new() { Kind = kind, Nesterov = nesterov, LearningRate = 0.02, WeightDecay = 1e-3, L1 = 1e-4 };
        Weight trained = Train(graph, TinyProblem.Run(Short with { Epochs = 7, Optimizer = optimizer })).Graph.WeightOf("fc1.weight");
        Assert.Equal(288, trained.KeptCount);
        Assert.Equal(288, trained.NonZeroCount);
        Assert.All(Enumerable.Range(0, 144), i => Assert.Equal(0, BitConverter.SingleToInt32Bits(trained.Values.Span[3 * i])));
    }

    [Fact]
    public void Frozen_layers_stay_as_they_are_running_statistics_included()
    {
        Graph before = TinyProblem.Convolutional();
        Graph after = Train(before, TinyProblem.Run(Short) with { FrozenLayers = ["conv", "bn"] }).Graph;
        foreach (string name in before.Weights.Keys)
        {
            bool same = before.WeightOf(name).Values.Span.SequenceEqual(after.WeightOf(name).Values.Span);
            Assert.Equal(!name.StartsWith("fc", StringComparison.Ordinal), same);
        }
    }

    [Fact]
    public void An_infinite_loss_stops_the_run_with_epoch_and_step_and_writes_nothing()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = Short with { Optimizer = new OptimizerOptions { LearningRate = 1e30 }, Schedule = new ScheduleOptions() };
        TrainingException error = Assert.Throws<TrainingException>(() => Train(
            TinyProblem.Perceptron(), TinyProblem.Run(options) with { CheckpointPath = folder.File("c") }));
        Assert.StartsWith("the loss is NaN in epoch 1, step 2 of 15; lower the learning rate", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_loss_that_is_no_number_in_the_first_step_says_so()
    {
        Graph graph = TinyProblem.Perceptron();
        graph = graph.WithWeights([TinyProblem.Filled("fc2.bias", float.NaN, 3)]);
        TrainingException error = Assert.Throws<TrainingException>(() => Train(graph, TinyProblem.Run(Short)));
        Assert.StartsWith("the loss is NaN in epoch 1, step 1 of 15;", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Distillation_without_a_teacher_is_refused()
    {
        TrainingException error = Assert.Throws<TrainingException>(
            () => Train(TinyProblem.Perceptron(), TinyProblem.Run(Short with { Distillation = 0.5 })));
        Assert.Equal("distillation needs a dense network to learn from, and there is none in this run", error.Message);
    }

    [Fact]
    public void A_student_comes_close_to_its_teacher()
    {
        Graph teacher = Train(TinyProblem.Perceptron(), TinyProblem.Run(Short)).Graph;
        TrainingRun run = TinyProblem.Run(Short with { Distillation = 1, Epochs = 8 }) with { Teacher = teacher };
        Graph student = Train(TinyProblem.Convolutional(), run).Graph;
        Assert.Equal(0, Evaluator.Evaluate(student, TinyProblem.Images().Test, TinyProblem.NoScaling).Wrong);
    }

    [Fact]
    public void Samples_of_another_size_are_refused_by_name()
    {
        Dataset data = TinyProblem.Images() with { SampleShape = new TensorShape(1, 5, 5) };
        TrainingException error = Assert.Throws<TrainingException>(() => Train(TinyProblem.Perceptron(), TinyProblem.Run(Short) with { Data = data }));
        Assert.Equal("network 'tiny-mlp' reads N×1×6×6, but the samples of 'tiny' have the shape 1×5×5", error.Message);
    }

    [Theory]
    [InlineData("gpu", "there is no device 'gpu'; it is cpu, cuda or cuda:N")]
    [InlineData("cuda:x", "there is no device 'cuda:x'; it is cpu, cuda or cuda:N")]
    public void An_unknown_device_is_refused(string device, string message) => Assert.Equal(
        message,
        Assert.Throws<TrainingException>(() => Train(TinyProblem.Perceptron(), TinyProblem.Run(Short) with { Device = device })).Message);

    private static TrainingResult Train(Graph graph, TrainingRun run) =>
        Trainer.Train(graph, run, IProgressSink.Silent, TestContext.Current.CancellationToken);
}
