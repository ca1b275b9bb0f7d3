using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>Strings layers together, one after the other, and gives them starting weights when the graph is made.</summary>
internal sealed class NetworkBuilder(string name, TensorShape input)
{
    private const string InputName = "input";

    private readonly GraphValue networkInput = new(InputName, input);
    private readonly List<Node> nodes = [];
    private readonly List<(string Name, TensorShape Shape)> weights = [];
    private readonly List<(string Name, int Length)> biases = [];
    private string last = InputName;

    /// <summary>What the next layer reads.</summary>
    public TensorShape Shape { get; private set; } = input;

    /// <summary>Weights of all layers so far, biases not counted.</summary>
    public long WeightCount => weights.Sum(w => (long)w.Shape.ElementCount);

    public NetworkBuilder Convolution(string layer, int outputs, Window2d window, int groups = 1)
    {
        (string weight, string bias) = Parameters(layer, new TensorShape(outputs, Shape[1] / groups, window.KernelY, window.KernelX));
        return Append(
            new Conv2d(layer, last, layer, weight, bias, window, groups),
            new TensorShape(Shape[0], outputs, window.OutputRows(Shape[2]), window.OutputColumns(Shape[3])));
    }

    public NetworkBuilder FullyConnected(string layer, int outputs)
    {
        (string weight, string bias) = Parameters(layer, new TensorShape(outputs, Shape[1]));
        return Append(new Linear(layer, last, layer, weight, bias), new TensorShape(Shape[0], outputs));
    }

    public NetworkBuilder MaxPool(string layer, Window2d window) => Append(
        new MaxPool(layer, last, layer, window),
        new TensorShape(Shape[0], Shape[1], window.OutputRows(Shape[2]), window.OutputColumns(Shape[3])));

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

        foreach ((string bias, int length) in biases)
        {
            parameters[bias] = new Weight(bias, new TensorShape(length), new float[length]);
        }

        return new Graph(name, [networkInput], [last], [.. nodes], parameters.ToImmutable());
    }

    private (string Weight, string Bias) Parameters(string layer, TensorShape shape)
    {
        weights.Add(($"{layer}.weight", shape));
        biases.Add(($"{layer}.bias", shape[0]));
        return (weights[^1].Name, biases[^1].Name);
    }

    private NetworkBuilder Append(Node node, TensorShape shape)
    {
        nodes.Add(node);
        last = node.Output;
        Shape = shape;
        return this;
    }
}
