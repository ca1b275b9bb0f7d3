using EdgeSparse.Compiler.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EdgeSparse.Curvature;

/// <summary>
/// A multilayer perceptron of one hidden layer of tanh on pictures of 7×7 means, small enough for its exact Hessian. Its biases are
/// trained, then held fixed: they are neither pruned nor part of any curvature here. All in float64.
/// </summary>
internal sealed class DigitNetwork
{
    private const int Side = 7;
    private const int Classes = 10;

    private readonly Tensor pictures;
    private readonly Tensor labels;
    private readonly Tensor hiddenBias;
    private readonly Tensor outputBias;
    private readonly int hidden;

    private DigitNetwork(Tensor pictures, Tensor labels, Tensor[] trained)
    {
        (this.pictures, this.labels) = (pictures, labels);
        hidden = (int)trained[0].shape[0];
        (hiddenBias, outputBias) = (trained[1].detach(), trained[3].detach());
        Weights = cat([trained[0].detach().flatten(), trained[2].detach().flatten()]);
    }

    /// <summary>Both layers', flattened, [d].</summary>
    public Tensor Weights { get; }

    /// <summary>Weights of the first layer and of the second.</summary>
    public (int First, int Second) LayerSizes => (hidden * Side * Side, Classes * hidden);

    public long Samples => pictures.shape[0];

    /// <summary>Trains on all samples at once by Adam, the rate falling to nothing along a half cosine.</summary>
    public static DigitNetwork Train(DataSplit split, int hidden, int steps, int seed)
    {
        (Tensor pictures, Tensor labels) = Read(split);
        using Generator generator = new((ulong)seed);
        Parameter[] trained =
        [
            Initial([hidden, Side * Side], generator), nn.Parameter(zeros(hidden, ScalarType.Float64)),
            Initial([Classes, hidden], generator), nn.Parameter(zeros(Classes, ScalarType.Float64)),
        ];
        using optim.Optimizer adam = optim.Adam(trained, 0.02);
        for (int step = 0; step < steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            foreach (var group in adam.ParamGroups)
            {
                group.LearningRate = 0.02 * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
            }

            adam.zero_grad();
            Loss(pictures, labels, trained[0], trained[1], trained[2], trained[3]).backward();
            adam.step();
        }

        return new DigitNetwork(pictures, labels, trained);
    }

    /// <summary>Mean cross-entropy with other weights.</summary>
    public double LossAt(Tensor weights)
    {
        using IDisposable gradless = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor first, Tensor second) = Split(weights);
        return Loss(pictures, labels, first, hiddenBias, second, outputBias).item<double>();
    }

    /// <summary>Share of samples whose class is found.</summary>
    public double Accuracy()
    {
        using IDisposable gradless = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor first, Tensor second) = Split(Weights);
        Tensor outputs = pictures.matmul(first.t()).add(hiddenBias).tanh().matmul(second.t()).add(outputBias);
        return outputs.argmax(1).eq(labels).to(ScalarType.Float64).mean().item<double>();
    }

    /// <summary>Second derivatives of the mean loss, [d, d], row by row by differentiating twice.</summary>
    public Tensor Hessian()
    {
        Tensor weights = Weights.clone().requires_grad_();
        (Tensor first, Tensor second) = Split(weights);
        Tensor loss = Loss(pictures, labels, first, hiddenBias, second, outputBias);
        Tensor slope = autograd.grad([loss], [weights], retain_graph: true, create_graph: true)[0];
        Tensor hessian = empty([Weights.shape[0], Weights.shape[0]], ScalarType.Float64);
        for (long i = 0; i < Weights.shape[0]; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            hessian[i] = autograd.grad([slope[i]], [weights], retain_graph: true)[0];
        }

        return (hessian + hessian.t()) / 2;
    }

    /// <summary>Each sample's gradient, [N, d], and the factors that K-FAC makes of them, layer by layer.</summary>
    public (Tensor Gradients, (Tensor Inputs, Tensor Outputs)[] Factors) Gradients()
    {
        using IDisposable gradless = no_grad();
        (Tensor first, Tensor second) = Split(Weights);
        Tensor inner = pictures.matmul(first.t()).add(hiddenBias).tanh();
        Tensor outer = inner.matmul(second.t()).add(outputBias).softmax(1);
        outer = outer - one_hot(labels);
        Tensor back = outer.matmul(second) * (1 - inner.square());
        Tensor gradients = cat([Outer(back, pictures), Outer(outer, inner)], 1);
        return (gradients, [(Moments(pictures), Moments(back)), (Moments(inner), Moments(outer))]);

        Tensor one_hot(Tensor indices) => nn.functional.one_hot(indices, Classes).to(ScalarType.Float64);

        Tensor Outer(Tensor left, Tensor right) => (left.unsqueeze(2) * right.unsqueeze(1)).flatten(1);

        Tensor Moments(Tensor x) => x.t().matmul(x) / Samples;
    }

    private static Tensor Loss(Tensor x, Tensor y, Tensor first, Tensor hiddenBias, Tensor second, Tensor outputBias) =>
        nn.functional.cross_entropy(x.matmul(first.t()).add(hiddenBias).tanh().matmul(second.t()).add(outputBias), y);

    private static Parameter Initial(long[] shape, Generator generator) =>
        nn.Parameter(randn(shape, ScalarType.Float64, generator: generator) / Math.Sqrt(shape[1]));

    private static (Tensor Pictures, Tensor Labels) Read(DataSplit split)
    {
        float[] pixels = new float[split.Count * 784];
        for (int i = 0; i < split.Count; i++)
        {
            split.Read(i, pixels.AsSpan(i * 784, 784));
        }

        Tensor means = tensor(pixels, [split.Count, Side, 4, Side, 4]).to(ScalarType.Float64).mean([2, 4]).flatten(1);
        return (means - means.mean(), tensor(Enumerable.Range(0, split.Count).Select(i => (long)split.LabelOf(i)).ToArray()));
    }

    private (Tensor First, Tensor Second) Split(Tensor weights) =>
        (weights.narrow(0, 0, LayerSizes.First).view(hidden, -1), weights.narrow(0, LayerSizes.First, LayerSizes.Second).view(Classes, hidden));
}
