using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>A graph lowered to torch: its weights as tensors on a device, its nodes run by torch's functions.</summary>
internal sealed class TorchGraph : IDisposable
{
    private readonly Graph original;
    private readonly Graph graph;
    private readonly bool oneByOne;
    private readonly NetworkOutputs outputs;
    private readonly List<Node> nodes = [];
    private readonly Dictionary<string, Tensor> weights = [];
    private readonly Dictionary<string, Tensor> masks = [];
    private readonly HashSet<string> frozenLayers;
    private readonly TorchNodes operators;

    // Its own, because torch's default generator belongs to the whole process.
    private readonly Generator dropoutGenerator;

    /// <param name="graph">The network. A fixed batch is opened; where a layer needs it as it is, samples run one by one.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="frozenLayers">Names of layers whose weights and running statistics stay as they are.</param>
    /// <param name="alsoNeeded">Activations to compute beside the outputs.</param>
    /// <exception cref="TrainingException">The graph has not one input, or a fixed batch that cannot be opened.</exception>
    public TorchGraph(Graph graph, Device device, IEnumerable<string>? frozenLayers = null, IEnumerable<string>? alsoNeeded = null)
    {
        if (graph.Inputs.Length != 1)
        {
            throw new TrainingException(
                $"network '{graph.Name}' has {graph.Inputs.Length} inputs and {graph.Outputs.Length} outputs; training needs one of each");
        }

        original = graph;
        this.graph = OpenBatch.Of(graph) ?? graph;
        oneByOne = !this.graph.Inputs[0].Shape.IsBatchSymbolic;
        if (oneByOne && (graph.Inputs[0].Shape.Rank == 0 || graph.Inputs[0].Shape[0] != 1))
        {
            throw new TrainingException($"network '{graph.Name}' takes {graph.Inputs[0].Shape} and needs its batch as it is; export it with an open batch or one of 1");
        }

        this.frozenLayers = [.. frozenLayers ?? []];
        Device = device;
        dropoutGenerator = new Generator(0, device);
        outputs = NetworkOutputs.Of(this.graph);
        HashSet<string> needed = [.. outputs.Names, .. alsoNeeded ?? []];
        foreach (Node node in this.graph.Nodes.Reverse())
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

        operators = new TorchNodes(weights, this.frozenLayers, dropoutGenerator);
    }

    public Device Device { get; }

    /// <summary>What convolutions compute in; outputs are of 32 bits in either case, and so are weights.</summary>
    public Precision Precision { get; init; }

    /// <summary>Values of one sample.</summary>
    public int SampleElements => graph.Inputs[0].Shape.WithBatch(1).ElementCount;

    /// <summary>Whether it is a classifier of more than one class, so that a softmax says something.</summary>
    public bool TellsClassesApart => outputs.ClassCount > 1;

    /// <summary>Activations that are <see cref="Outputs"/>.</summary>
    public IReadOnlyList<string> OutputNames => outputs.Names;

    /// <summary>Shapes of <see cref="Outputs"/>, the batch open or 1.</summary>
    public IEnumerable<TensorShape> OutputShapes => outputs.Names.Select(n => graph.Shapes[n]);

    /// <exception cref="TrainingException">The graph is no classifier: the message says what it has instead.</exception>
    public int ClassCount => outputs.IsClassifier ? outputs.ClassCount
        : throw new TrainingException(graph.Outputs.Length == 1
            ? $"network '{graph.Name}' gives {graph.Shapes[graph.Outputs[0]]}; training needs samples × classes"
            : $"network '{graph.Name}' has {graph.Inputs.Length} inputs and {graph.Outputs.Length} outputs; training needs one of each");

    /// <summary>Every weight that the nodes read, running statistics included, in the order of the nodes.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => weights;

    /// <summary>1 where a weight is kept and 0 where it is pruned, for the weights that have a mask.</summary>
    public IReadOnlyDictionary<string, Tensor> Masks => masks;

    /// <summary>
    /// Names of weights that training may change, in the order of the nodes: no running statistics, no constants that stand for an
    /// activation, nothing frozen.
    /// </summary>
    public IEnumerable<string> TrainableNames => nodes
        .Where(n => n is not Constant && !frozenLayers.Contains(n.Name))
        .SelectMany(n => n is BatchNorm norm ? [norm.Scale, norm.Shift] : n.WeightNames)
        .Except(nodes.OfType<Constant>().Select(c => c.Weight))
        .Distinct();

    /// <summary>The share of a batch's own statistics in the running ones after a training pass.</summary>
    public double StatisticsMomentum
    {
        get => operators.StatisticsMomentum;
        set => operators.StatisticsMomentum = value;
    }

    /// <summary>Determines what the next training pass drops.</summary>
    public void SeedDropout(ulong seed) => dropoutGenerator.manual_seed((long)(seed >> 1));

    /// <param name="samples">Samples in rows, in any shape with as many elements as the graph's input.</param>
    /// <param name="training">Dropout drops, and BatchNorm uses and updates batch statistics.</param>
    /// <returns>Logits, samples × classes.</returns>
    /// <exception cref="TrainingException">The graph is no classifier, or a layer cannot be run.</exception>
    public Tensor Forward(Tensor samples, bool training)
    {
        int classes = ClassCount;
        return Outputs(samples, training)[0].reshape(samples.shape[0], classes);
    }

    /// <summary>The outputs that are floats, of a classifier its logits, each with the samples in its first dimension.</summary>
    public Tensor[] Outputs(Tensor samples, bool training) => [.. Values(samples, training, outputs.Names)];

    /// <summary>Activations by name, each with the samples in its first dimension (of constants: as they are).</summary>
    public Tensor[] Values(Tensor samples, bool training, IReadOnlyList<string> names)
    {
        if (!oneByOne)
        {
            Dictionary<string, Tensor> values = Run(samples, training);
            return [.. names.Select(n => values[n])];
        }

        if (training && nodes.OfType<BatchNorm>().Any(n => !frozenLayers.Contains(n.Name)))
        {
            throw new TrainingException($"network '{graph.Name}' needs its batch of 1 as it is, and BatchNorm needs more samples to train; export it with an open batch");
        }

        Dictionary<string, Tensor>[] all = [.. Enumerable.Range(0, (int)samples.shape[0]).Select(i => Run(samples.narrow(0, i, 1), training))];
        return [.. names.Select(n => cat([.. all.Select(values => values[n])], 0))];
    }

    /// <summary>Nodes that reach an output or another activation asked for, in execution order.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>Whether a layer needs the batch of 1 that the network was made for.</summary>
    public bool RunsOneByOne => oneByOne;

    /// <summary>The samples as the network's input has them.</summary>
    public Tensor Input(Tensor samples)
    {
        long[] shape = [samples.shape[0], .. graph.Inputs[0].Shape.Dims.Skip(1).Select(d => (long)d)];
        Tensor x = samples.reshape(shape);
        return shape.Length == 4 && nodes.Any(n => n is Conv2d or ConvTranspose2d) ? ChannelsLast(x) : x;
    }

    /// <summary>Gives a weight other values.</summary>
    public void Assign(Weight weight)
    {
        using Tensor values = Upload(weight.Values.Span, weight.Shape);
        weights[weight.Name].copy_(values);
    }

    /// <summary>One node at inference; its inputs are among the values.</summary>
    public Tensor RunNode(Node node, IReadOnlyDictionary<string, Tensor> values) => operators.Run(node, values, training: false);

    /// <summary>The graph with the present values of the weights.</summary>
    public Graph ToGraph() => original.WithWeights(weights.Select(pair =>
    {
        Weight weight = original.WeightOf(pair.Key);
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

    private Dictionary<string, Tensor> Run(Tensor samples, bool training)
    {
        Dictionary<string, Tensor> values = new() { [graph.Inputs[0].Name] = Input(samples) };
        foreach (Node node in nodes)
        {
            values[node.Output] = operators.Run(node, Precision == Precision.Bfloat16 ? MixedPrecision.Inputs(node, values) : values, training);
        }

        foreach (string name in outputs.Names)
        {
            values[name] = values[name].to(ScalarType.Float32);
        }

        return values;
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
}
