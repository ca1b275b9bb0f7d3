using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>Strings layers together, one after the other or in two branches, and gives them starting weights when the graph is made.</summary>
internal sealed class NetworkBuilder(string name, TensorShape input)
{
    private const string InputName = "input";

    // PyTorch's; in TensorFlow it is 1e-3.
    private const float BatchNormEpsilon = 1e-5f;

    private readonly GraphValue networkInput = new(InputName, input);
    private readonly List<Node> nodes = [];
    private readonly List<(string Name, TensorShape Shape)> weights = [];
    private readonly List<(string Name, int Length, float Value)> vectors = [];
    private string last = InputName;
    private InputScaling? scaling;

    /// <summary>What the next layer reads.</summary>
    public TensorShape Shape { get; private set; } = input;

    /// <summary>Weights of convolutions and fully connected layers so far, biases not counted.</summary>
    public long WeightCount => weights.Sum(w => (long)w.Shape.ElementCount);

    public NetworkBuilder Convolution(string layer, int outputs, Window2d window, int groups = 1, bool bias = true)
    {
        (string weight, string? biasName) = Parameters(layer, new TensorShape(outputs, Shape[1] / groups, window.KernelY, window.KernelX), bias);
        return Append(
            new Conv2d(layer, last, layer, weight, biasName, window, groups),
            new TensorShape(Shape[0], outputs, window.OutputRows(Shape[2]), window.OutputColumns(Shape[3])));
    }

    public NetworkBuilder FullyConnected(string layer, int outputs, bool bias = true)
    {
        (string weight, string? biasName) = Parameters(layer, new TensorShape(outputs, Shape[1]), bias);
        return Append(new Linear(layer, last, layer, weight, biasName), new TensorShape(Shape[0], outputs));
    }

    /// <summary>
    /// A batch normalisation with the shift 0, the mean 0 and the variance 1: until it is trained, it only scales. He's weights keep
    /// the variance from layer to layer, so that activations stay in range without statistics. Its vectors have PyTorch's names.
    /// </summary>
    /// <param name="layer">Its name.</param>
    /// <param name="scale">The scale of all channels.</param>
    public NetworkBuilder BatchNorm(string layer, float scale = 1) => Append(
        new BatchNorm(
            layer, last, layer, Vector($"{layer}.weight", Shape[1], scale), Vector($"{layer}.bias", Shape[1], 0),
            Vector($"{layer}.running_mean", Shape[1], 0), Vector($"{layer}.running_var", Shape[1], 1), BatchNormEpsilon),
        Shape);

    /// <summary>The sum of two branches that both read what the next layer would.</summary>
    /// <param name="layer">The sum's name.</param>
    /// <param name="left">Adds the layers of one branch.</param>
    /// <param name="right">Adds those of the other; none for a residual connection.</param>
    public NetworkBuilder Sum(string layer, Func<NetworkBuilder, NetworkBuilder> left, Func<NetworkBuilder, NetworkBuilder> right)
    {
        (string start, TensorShape shape) = (last, Shape);
        left(this);
        string leftEnd = last;
        (last, Shape) = (start, shape);
        right(this);
        return Append(new Add(layer, leftEnd, last, layer), Shape);
    }

    public NetworkBuilder GlobalAveragePool(string layer) =>
        Append(new GlobalAveragePool(layer, last, layer), new TensorShape(Shape[0], Shape[1], 1, 1));

    public NetworkBuilder MaxPool(string layer, Window2d window) => Append(
        new MaxPool(layer, last, layer, window),
        new TensorShape(Shape[0], Shape[1], window.OutputRows(Shape[2]), window.OutputColumns(Shape[3])));

    /// <summary>Rows and columns 0, 2, 4, ….</summary>
    public NetworkBuilder EverySecondPixel(string layer)
    {
        TensorShape halved = new(Shape[0], Shape[1], (Shape[2] + 1) / 2, (Shape[3] + 1) / 2);
        return Append(
            new Slice(
                layer, last, layer,
                [SliceRange.Whole(Shape[0]), SliceRange.Whole(Shape[1]), new SliceRange(0, 2, halved[2]), new SliceRange(0, 2, halved[3])]),
            halved);
    }

    /// <summary>So many channels of zeros before and behind.</summary>
    public NetworkBuilder ZeroChannels(string layer, int channels) => Append(
        new Pad(layer, last, layer, [0, channels, 0, 0], [0, channels, 0, 0], PadMode.Constant),
        new TensorShape(Shape[0], Shape[1] + (2 * channels), Shape[2], Shape[3]));

    /// <summary>Says in the network's metadata how pixels become its input.</summary>
    public NetworkBuilder Scaled(InputScaling inputScaling)
    {
        scaling = inputScaling;
        return this;
    }

    /// <summary>A ReLU named after the layer before it.</summary>
    public NetworkBuilder Relu() => Append(new Relu($"{last}.relu", last, $"{last}.relu"), Shape);

    /// <summary>A dropout named after the layer given.</summary>
    public NetworkBuilder Dropout(string layer, float probability) =>
        Append(new Dropout($"{layer}.dropout", last, $"{layer}.dropout", probability), Shape);

    public NetworkBuilder Flatten() =>
        Append(new Flatten("flatten", last, "flatten"), new TensorShape(Shape[0], Shape.ElementCount / (Shape.IsBatchSymbolic ? 1 : Shape[0])));

    /// <summary>The network; its one output is what the last layer writes.</summary>
    public Graph ToGraph(int seed)
    {
        var parameters = ImmutableDictionary.CreateBuilder<string, Weight>();
        foreach ((string weight, TensorShape shape) in weights)
        {
            parameters[weight] = HeInitialization.Create(weight, shape, seed);
        }

        foreach ((string vector, int length, float value) in vectors)
        {
            float[] values = new float[length];
            Array.Fill(values, value);
            parameters[vector] = new Weight(vector, new TensorShape(length), values);
        }

        Graph graph = new(name, [networkInput], [last], [.. nodes], parameters.ToImmutable());
        return scaling?.ApplyTo(graph) ?? graph;
    }

    private (string Weight, string? Bias) Parameters(string layer, TensorShape shape, bool bias)
    {
        weights.Add(($"{layer}.weight", shape));
        return (weights[^1].Name, bias ? Vector($"{layer}.bias", shape[0], 0) : null);
    }

    private string Vector(string vector, int length, float value)
    {
        vectors.Add((vector, length, value));
        return vector;
    }

    private NetworkBuilder Append(Node node, TensorShape shape)
    {
        nodes.Add(node);
        last = node.Output;
        Shape = shape;
        return this;
    }
}
