using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;
using Reduce = EdgeSparse.Compiler.Graphs.Reduce;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>Runs the nodes of a graph by torch's functions.</summary>
/// <param name="weights">Tensors of the weights, by name.</param>
/// <param name="frozenLayers">Names of nodes whose running statistics stay as they are.</param>
/// <param name="dropout">What decides on what is dropped.</param>
internal sealed class TorchNodes(IReadOnlyDictionary<string, Tensor> weights, IReadOnlySet<string> frozenLayers, Generator dropout)
{
    /// <summary>The share of a batch's own statistics in the running ones after a training pass; torch's default.</summary>
    public double StatisticsMomentum { get; set; } = 0.1;

    /// <param name="node">Whose inputs are among the values.</param>
    /// <param name="values">Activations so far.</param>
    /// <param name="training">Dropout drops, and BatchNorm uses and updates batch statistics.</param>
    /// <exception cref="TrainingException">The operator cannot be trained.</exception>
    public Tensor Run(Node node, IReadOnlyDictionary<string, Tensor> values, bool training)
    {
        if (node is Constant constant)
        {
            return weights[constant.Weight];
        }

        Tensor x = values[node.Inputs[0]];
        return node switch
        {
            Linear linear => nn.functional.linear(x, weights[linear.Weight], Optional(linear.Bias)),
            Conv2d conv => TorchWindows.Convolve(x, weights[conv.Weight], Optional(conv.Bias), conv.Window, conv.Groups),
            ConvTranspose2d conv => TorchWindows.ConvolveTransposed(x, weights[conv.Weight], Optional(conv.Bias), conv),
            MatMul product => matmul(x, values[product.Right]),
            PointwiseActivation activation => TorchPointwise.Activation(activation, x),
            Add add => x + values[add.Right],
            Binary binary => TorchPointwise.Binary(binary.Function, x, values[binary.Right]),
            Where choice => where(x.ne(0), values[choice.Left], values[choice.Right]),
            Cast cast => TorchPointwise.Cast(x, cast.To),
            Dropout drop => training && drop.Probability > 0 ? Drop(x, drop.Probability) : x,
            Softmax { IsLogarithm: true } softmax => nn.functional.log_softmax(x, softmax.Axis),
            Softmax softmax => nn.functional.softmax(x, softmax.Axis),
            BatchNorm norm => Normalise(norm, x, training),
            LayerNorm norm => TorchNormalisation.Layer(norm, x, weights[norm.Scale], Optional(norm.Shift)),
            InstanceNorm norm => TorchNormalisation.Group(x, x.shape[1], weights[norm.Scale], weights[norm.Shift], norm.Epsilon),
            GroupNorm norm => TorchNormalisation.Group(x, norm.Groups, weights[norm.Scale], weights[norm.Shift], norm.Epsilon),
            LocalResponseNorm norm => TorchNormalisation.LocalResponse(norm, x),
            MaxPool pool => TorchWindows.MaxPool(x, pool.Window, pool.CeilMode),
            AveragePool pool => TorchWindows.AveragePool(x, pool.Window, pool.CeilMode, pool.CountIncludePad),
            GlobalAveragePool => x.mean([2, 3], keepdim: true),
            GlobalMaxPool => x.amax([2, 3], keepdim: true),
            Reduce reduce => TorchReductions.Run(reduce, x),
            ArgExtreme extreme => TorchReductions.Run(extreme, x),
            TopK topK => TorchReductions.Run(topK, x),
            Flatten => x.flatten(1),
            Concat concat => cat([.. concat.Operands.Select(o => values[o])], concat.Axis),
            GatherAt gather => TorchMovement.Run(gather, x, values[gather.Indices]),
            _ => TorchMovement.Run(node, x),
        };
    }

    private Tensor Normalise(BatchNorm norm, Tensor x, bool training) => nn.functional.batch_norm(
        x,
        weights[norm.Mean],
        weights[norm.Variance],
        weights[norm.Scale],
        weights[norm.Shift],
        training && !frozenLayers.Contains(norm.Name),
        momentum: StatisticsMomentum,
        eps: norm.Epsilon);

    private Tensor Drop(Tensor x, float probability)
    {
        Tensor kept = empty(x.shape, x.dtype, x.device).bernoulli_(1 - probability, dropout);
        return x * kept.mul_(1 / (1 - probability));
    }

    private Tensor? Optional(string? name) => name is null ? null : weights[name];
}
