using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Training.Torch;

public sealed class MixedPrecisionTests
{
    private static readonly TrainingOptions Short = new()
    {
        Epochs = 4,
        BatchSize = 16,
        Optimizer = new OptimizerOptions { LearningRate = 0.05, WeightDecay = 1e-4 },
        Schedule = new ScheduleOptions { Kind = ScheduleKind.Cosine },
        Precision = Precision.Bfloat16,
    };

    [Fact]
    public void Networks_with_convolutions_of_both_kinds_learn_in_bfloat16()
    {
        TrainingOptions longer = Short with { Epochs = 30 };
        Assert.Equal(0, Evaluator.Evaluate(Train(TinyProblem.Convolutional(), Short), TinyProblem.Images().Test, TinyProblem.NoScaling).Wrong);
        Assert.InRange(Evaluator.Evaluate(Train(TinyProblem.Upsampling(), longer), TinyProblem.Images().Test, TinyProblem.NoScaling).Wrong, 0, 2);
    }

    [Fact]
    public void A_network_without_convolutions_trains_as_in_32_bits()
    {
        Graph graph = TinyProblem.Perceptron();
        Assert.Equal(
            TinyProblem.ValuesOf(Train(graph, Short with { Precision = Precision.Float32 })), TinyProblem.ValuesOf(Train(graph, Short)));
    }

    [Fact]
    public void Outputs_and_gradients_have_32_bits_and_are_as_far_off_as_8_bits_of_mantissa_are()
    {
        Graph graph = TinyProblem.Convolutional();
        float[][] exact = OutputAndGradient(graph, Precision.Float32);
        float[][] mixed = OutputAndGradient(graph, Precision.Bfloat16);
        // A rounding is up to 2⁻⁹; it also turns the slope of a clamp over, which a gradient notices more than an output.
        Assert.InRange(RelativeError(exact[0], mixed[0]), 1e-4, 1e-2);
        Assert.InRange(RelativeError(exact[1], mixed[1]), 1e-4, 5e-2);
    }

    private static double RelativeError(float[] exact, float[] other) =>
        Math.Sqrt(exact.Zip(other, (a, b) => (double)(a - b) * (a - b)).Sum() / exact.Sum(a => (double)a * a));

    private static float[][] OutputAndGradient(Graph graph, Precision precision)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph model = new(graph, CPU) { Precision = precision };
        Random random = new(9);
        float[] pixels = [.. Enumerable.Range(0, 8 * 36).Select(_ => random.NextSingle())];
        Tensor weight = model.Weights["conv.weight"].requires_grad_();
        Tensor output = model.Outputs(tensor(pixels, [8, 36]), training: true)[0];
        Tensor gradient = autograd.grad([output.square().sum()], [weight])[0];
        Assert.Equal((ScalarType.Float32, ScalarType.Float32), (output.dtype, gradient.dtype));
        return [TorchGraph.Download(output), TorchGraph.Download(gradient)];
    }

    private static Graph Train(Graph graph, TrainingOptions options) =>
        Trainer.Train(graph, TinyProblem.Run(options), IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
}
