using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>
/// A graph lowered to torch: its weights as tensors on a device, its nodes run by torch's functions. Computes logits: where the
/// graph ends in a softmax over the classes, the value before it.
/// </summary>
internal sealed class TorchGraph : IDisposable
{
    private readonly Graph graph;
    private readonly string logits;
    private readonly List<Node> nodes = [];
    private readonly Dictionary<string, Tensor> weights = [];
    private readonly Dictionary<string, Tensor> masks = [];
    private readonly HashSet<string> frozenLayers;

    // Its own, because torch's default generator belongs to the whole process.
    private readonly Generator dropoutGenerator;

    /// <exception cref="TrainingException">The graph is no classifier of one input: the message says what it has instead.</exception>
    public TorchGraph(Graph graph, Device device, IEnumerable<string>? frozenLayers = null)
    {
        this.graph = graph;
        this.frozenLayers = [.. frozenLayers ?? []];
        Device = device;
        dropoutGenerator = new Generator(0, device);
        logits = LogitsOf(graph);
        HashSet<string> needed = [logits];
        foreach (Node node in graph.Nodes.Reverse())
        {
            if (needed.Contains(node.Output))
            {
                needed.UnionWith(node.Inputs);
                nodes.Add(node);
            }
        }

        nodes.Reverse();
        foreach (Weight weight in nodes.SelectMany(n => n.WeightNames).Distinct().Select(graph.WeightOf))
        {
            weights[weight.Name] = Upload(weight.Values.Span, weight.Shape);
            if (weight.Mask is { } mask)
            {
                masks[weight.Name] = Upload([.. mask.ToArray().Select(kept => kept ? 1f : 0f)], weight.Shape);
            }
        }
    }

    public Device Device { get; }

    /// <summary>Values of one sample.</summary>
    public int SampleElements => graph.Inputs[0].Shape.WithBatch(1).ElementCount;

    public int ClassCount => graph.Shapes[logits][1];

    /// <summary>Every weight that the nodes read, running statistics included, in the order of the nodes.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => weights;

    /// <summary>1 where a weight is kept and 0 where it is pruned, for the weights that have a mask.</summary>
    public IReadOnlyDictionary<string, Tensor> Masks => masks;

    /// <summary>Names of weights that training may change, in the order of the nodes: no running statistics, nothing frozen.</summary>
    public IEnumerable<string> TrainableNames => nodes
        .Where(n => !frozenLayers.Contains(n.Name))
        .SelectMany(n => n is BatchNorm norm ? [norm.Scale, norm.Shift] : n.WeightNames)
        .Distinct();

    /// <summary>Determines what the next training pass drops.</summary>
    public void SeedDropout(ulong seed) => dropoutGenerator.manual_seed((long)(seed >> 1));

    /// <param name="samples">Samples in rows, in any shape with as many elements as the graph's input.</param>
    /// <param name="training">Dropout drops, and BatchNorm uses and updates batch statistics.</param>
    /// <returns>Logits, samples × classes.</returns>
    public Tensor Forward(Tensor samples, bool training)
    {
        GraphValue input = graph.Inputs[0];
        long[] shape = [samples.shape[0], .. input.Shape.Dims.Skip(1).Select(d => (long)d)];
        Tensor x = samples.reshape(shape);
        Dictionary<string, Tensor> values = new() { [input.Name] = shape.Length == 4 && nodes.Any(n => n is Conv2d or ConvTranspose2d) ? ChannelsLast(x) : x };
        foreach (Node node in nodes)
        {
            values[node.Output] = Run(node, values, training);
        }

        return values[logits];
    }

    /// <summary>The graph with the present values of the weights.</summary>
    public Graph ToGraph() => graph.WithWeights(weights.Select(pair =>
    {
        Weight weight = graph.WeightOf(pair.Key);
        return weight.With(Download(pair.Value));
    }));

    public void Dispose()
    {
        dropoutGenerator.Dispose();
        foreach (Tensor tensor in weights.Values.Concat(masks.Values))
        {
            tensor.Dispose();
        }
    }

    /// <summary>Row-major values of a tensor on any device.</summary>
    public static float[] Download(Tensor tensor)
    {
        using Tensor detached = tensor.detach();
        using Tensor local = detached.cpu();
        using Tensor contiguous = local.contiguous();
        return MemoryMarshal.Cast<byte, float>(contiguous.bytes).ToArray();
    }

    private Tensor Upload(ReadOnlySpan<float> values, TensorShape shape)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tensor = empty([.. shape.Dims.Select(d => (long)d)], ScalarType.Float32);
        values.CopyTo(MemoryMarshal.Cast<byte, float>(tensor.bytes));
        return scope.Detach((shape.Rank == 4 ? ChannelsLast(tensor) : tensor).to(Device));
    }

    /// <summary>
    /// The same tensor with the channels of a pixel side by side in memory. Convolutions and pooling pass the layout on, and on
    /// CPUs they are about twice as fast in it.
    /// </summary>
    private static Tensor ChannelsLast(Tensor x)
    {
        // With one channel both layouts are the same memory; only the strides tell torch which one is meant.
        Tensor pixels = x.shape[1] == 1 ? x.reshape([x.shape[0], x.shape[2], x.shape[3], 1]) : x.permute(0, 2, 3, 1).contiguous();
        return pixels.permute(0, 3, 1, 2);
    }

    private Tensor Run(Node node, Dictionary<string, Tensor> values, bool training)
    {
        Tensor x = values[node.Inputs[0]];
        return node switch
        {
            Linear linear => nn.functional.linear(x, weights[linear.Weight], Optional(linear.Bias)),
            Conv2d conv => TorchOperators.Convolve(x, weights[conv.Weight], Optional(conv.Bias), conv.Window, conv.Groups),
            ConvTranspose2d conv => TorchOperators.ConvolveTransposed(x, weights[conv.Weight], Optional(conv.Bias), conv),
            BatchNorm norm => nn.functional.batch_norm(
                x,
                weights[norm.Mean],
                weights[norm.Variance],
                weights[norm.Scale],
                weights[norm.Shift],
                training && !frozenLayers.Contains(norm.Name),
                eps: norm.Epsilon),
            Relu => nn.functional.relu(x),
            LeakyRelu leaky => nn.functional.leaky_relu(x, leaky.Alpha),
            Clip clip => x.clamp(clip.Min, clip.Max),
            HardSwish => nn.functional.hardswish(x),
            Sigmoid => x.sigmoid(),
            Softmax softmax => nn.functional.softmax(x, softmax.Axis),
            Add add => x + values[add.Right],
            Flatten => x.flatten(1),
            MaxPool pool => TorchOperators.MaxPool(x, pool.Window, pool.CeilMode),
            AveragePool pool => TorchOperators.AveragePool(x, pool.Window, pool.CeilMode, pool.CountIncludePad),
            GlobalAveragePool => x.mean([2, 3], keepdim: true),
            Dropout dropout => training && dropout.Probability > 0 ? Drop(x, dropout.Probability) : x,
            _ => throw new TrainingException($"layer '{node.Name}': the operator {node.Operator} cannot be trained"),
        };
    }

    private Tensor Drop(Tensor x, float probability)
    {
        Tensor kept = empty(x.shape, x.dtype, x.device).bernoulli_(1 - probability, dropoutGenerator);
        return x * kept.mul_(1 / (1 - probability));
    }

    private Tensor? Optional(string? name) => name is null ? null : weights[name];

    private static string LogitsOf(Graph graph)
    {
        if (graph.Inputs.Length != 1 || graph.Outputs.Length != 1)
        {
            throw new TrainingException(
                $"network '{graph.Name}' has {graph.Inputs.Length} inputs and {graph.Outputs.Length} outputs; training needs one of each");
        }

        TensorShape shape = graph.Shapes[graph.Outputs[0]];
        if (shape.Rank != 2)
        {
            throw new TrainingException($"network '{graph.Name}' gives {shape}; training needs samples × classes");
        }

        Node? last = graph.Nodes.LastOrDefault(n => n.Output == graph.Outputs[0]);
        return last is Softmax { Axis: 1 or -1 } softmax ? softmax.Input : graph.Outputs[0];
    }
}
