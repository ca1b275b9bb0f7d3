using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;

namespace EdgeSparse.Compiler.Tests.Training.Torch;

/// <summary>Steps from the weight 1 and the bias 1 with the gradients 0.5 and then 1, rate 0.1, against values worked out by hand.</summary>
public sealed class WeightUpdateTests
{
    [Fact]
    public void Plain_descent() => Check(new OptimizerOptions { Momentum = 0 }, 0.95, 0.85, 0.85);

    // v = 0.5, then 0.9·0.5 + 1 = 1.45.
    [Fact]
    public void Momentum() => Check(new OptimizerOptions { Momentum = 0.9 }, 0.95, 0.805, 0.805);

    // Steps 0.5 + 0.9·0.5 = 0.95, then 1 + 0.9·1.45 = 2.305.
    [Fact]
    public void Nesterov_momentum() => Check(new OptimizerOptions { Momentum = 0.9, Nesterov = true }, 0.905, 0.6745, 0.6745);

    // Gradients 0.5 + 0.2·1 = 0.7, then 1 + 0.2·0.93 = 1.186; the bias does not decay.
    [Fact]
    public void Weight_decay_of_descent() => Check(new OptimizerOptions { Momentum = 0, WeightDecay = 0.2 }, 0.93, 0.8114, 0.85);

    [Fact]
    public void An_l1_penalty_adds_the_sign() => Check(new OptimizerOptions { Momentum = 0, L1 = 0.2 }, 0.93, 0.81, 0.85);

    // Bias-corrected: first step 0.1; then m = .145/.19, v = .00124975/.001999, 0.1·m/√v = 0.0965186.
    [Fact]
    public void Adam_moves_by_the_rate_first() => Check(new OptimizerOptions { Kind = OptimizerKind.AdamW }, 0.9, 0.8034814, 0.8034814);

    // Decay is apart from the gradient: 1·(1 − 0.1·0.2) − 0.1 = 0.88, then 0.88·0.98 − 0.0965186.
    [Fact]
    public void Decoupled_decay_of_adam() => Check(new OptimizerOptions { Kind = OptimizerKind.AdamW, WeightDecay = 0.2 }, 0.88, 0.7658814, 0.8034814);

    [Fact]
    public void A_pruned_weight_gets_no_step_and_no_momentum()
    {
        using TorchGraph model = new(Network([true, false]), TorchDevice.Open("cpu"));
        using WeightUpdate update = new(model, new HashSet<string> { "w" }, new OptimizerOptions { LearningRate = 0.1, WeightDecay = 0.1 });
        for (int step = 1; step <= 100; step++)
        {
            using torch.Tensor w = torch.tensor([0.5f, 0.5f], [2, 1]);
            using torch.Tensor b = torch.tensor([0.5f, 0.5f]);
            update.Step([w, b], 0.1, step);
        }

        Assert.Equal(0f, TorchGraph.Download(model.Weights["w"])[1]);
        Assert.Equal(0f, TorchGraph.Download(update.State["w#0"])[1]);
        Assert.NotEqual(0f, TorchGraph.Download(update.State["w#0"])[0]);
    }

    private static void Check(OptimizerOptions options, double first, double second, double secondBias)
    {
        using TorchGraph model = new(Network(), TorchDevice.Open("cpu"));
        using WeightUpdate update = new(model, new HashSet<string> { "w" }, options);
        Assert.Equal(["w", "b"], model.TrainableNames);
        Step(0.5f, 1);
        Assert.Equal(first, TorchGraph.Download(model.Weights["w"])[0], 1e-6);
        Step(1f, 2);
        Assert.Equal(second, TorchGraph.Download(model.Weights["w"])[0], 1e-6);
        Assert.Equal(secondBias, TorchGraph.Download(model.Weights["b"])[0], 1e-6);

        void Step(float gradient, int step)
        {
            using torch.Tensor w = torch.tensor([gradient, gradient], [2, 1]);
            using torch.Tensor b = torch.tensor([gradient, gradient]);
            update.Step([w, b], 0.1, step);
        }
    }

    private static Graph Network(bool[]? mask = null) => TinyProblem.Build(
        "line",
        [new Linear("fc", "input", "logits", "w", "b")],
        "logits",
        new TensorShape(TensorShape.Symbolic, 1),
        new Weight("w", new TensorShape(2, 1), [1f, 1f], mask),
        TinyProblem.Filled("b", 1f, 2));
}
