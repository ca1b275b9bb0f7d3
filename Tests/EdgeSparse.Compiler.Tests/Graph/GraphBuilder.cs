using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

/// <summary>Builds chains of layers with seeded weights for tests; each layer reads what the last one wrote.</summary>
internal sealed class GraphBuilder
{
    private readonly Random random;
    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
    private readonly ImmutableDictionary<string, Weight>.Builder weights = ImmutableDictionary.CreateBuilder<string, Weight>();
    private readonly GraphValue input;

    public GraphBuilder(TensorShape inputShape, int seed = 1)
    {
        random = new Random(seed);
        input = new GraphValue("input", inputShape);
        Last = "input";
        Shape = inputShape;
    }

    /// <summary>The activation that the next layer reads.</summary>
    public string Last { get; set; }

    public TensorShape Shape { get; private set; }

    public GraphBuilder Linear(string name, int outputs, bool bias = true, double density = 1) =>
        Append(new Linear(
            name, Last, $"{name}.out", Random($"{name}.weight", density, outputs, Shape[Shape.Rank - 1]), bias ? Random($"{name}.bias", 1, outputs) : null));

    public GraphBuilder Conv(string name, int outputs, Window2d window, int groups = 1, bool bias = true, double density = 1) =>
        Append(new Conv2d(
            name,
            Last,
            $"{name}.out",
            Random($"{name}.weight", density, outputs, Shape[1] / groups, window.KernelY, window.KernelX),
            bias ? Random($"{name}.bias", 1, outputs) : null,
            window,
            groups));

    public GraphBuilder ConvTranspose(
        string name, int outputs, Window2d window, int groups = 1, bool bias = true, double density = 1, int outputPadY = 0, int outputPadX = 0) =>
        Append(new ConvTranspose2d(
            name,
            Last,
            $"{name}.out",
            Random($"{name}.weight", density, Shape[1], outputs / groups, window.KernelY, window.KernelX),
            bias ? Random($"{name}.bias", 1, outputs) : null,
            window,
            groups,
            outputPadY,
            outputPadX));

    public GraphBuilder BatchNorm(string name, float epsilon = 1e-5f)
    {
        string variance = $"{name}.variance";
        float[] positive = [.. Enumerable.Range(0, Shape[1]).Select(_ => 0.1f + random.NextSingle())];
        weights[variance] = new Weight(variance, new TensorShape(Shape[1]), positive);
        return Append(new BatchNorm(
            name, Last, $"{name}.out", Random($"{name}.scale", 1, Shape[1]), Random($"{name}.shift", 1, Shape[1]),
            Random($"{name}.mean", 1, Shape[1]), variance, epsilon));
    }

    public GraphBuilder Relu(string name) => Append(new Relu(name, Last, $"{name}.out"));

    public GraphBuilder LeakyRelu(string name, float alpha) => Append(new LeakyRelu(name, Last, $"{name}.out", alpha));

    public GraphBuilder Clip(string name, float min, float max) => Append(new Clip(name, Last, $"{name}.out", min, max));

    public GraphBuilder HardSwish(string name) => Append(new HardSwish(name, Last, $"{name}.out"));

    public GraphBuilder Sigmoid(string name) => Append(new Sigmoid(name, Last, $"{name}.out"));

    public GraphBuilder Softmax(string name, int axis = -1) => Append(new Softmax(name, Last, $"{name}.out", axis));

    public GraphBuilder Flatten(string name) => Append(new Flatten(name, Last, $"{name}.out"));

    public GraphBuilder Dropout(string name, float probability = 0.5f) => Append(new Dropout(name, Last, $"{name}.out", probability));

    public GraphBuilder MaxPool(string name, Window2d window, bool ceilMode = false) =>
        Append(new MaxPool(name, Last, $"{name}.out", window, ceilMode));

    public GraphBuilder AveragePool(string name, Window2d window, bool ceilMode = false, bool countIncludePad = false) =>
        Append(new AveragePool(name, Last, $"{name}.out", window, ceilMode, countIncludePad));

    public GraphBuilder GlobalAveragePool(string name) => Append(new GlobalAveragePool(name, Last, $"{name}.out"));

    public GraphBuilder Add(string name, string other) => Append(new Add(name, Last, other, $"{name}.out"));

    public GraphBuilder Append(Node node)
    {
        nodes.Add(node);
        Last = node.Output;
        Shape = Build().Shapes[Last];
        return this;
    }

    public Graph Build(params string[] outputs) =>
        new("test", [input], outputs.Length == 0 ? [Last] : [.. outputs], nodes.ToImmutable(), weights.ToImmutable());

    /// <summary>Values for one sample.</summary>
    public static float[] Sample(Graph graph, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private string Random(string name, double density, params int[] dims)
    {
        TensorShape shape = new(dims);
        float[] values = new float[shape.ElementCount];
        bool[] mask = new bool[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (random.NextSingle() * 2) - 1;
            mask[i] = random.NextDouble() < density;
        }

        weights[name] = density < 1 ? new Weight(name, shape, values, mask) : new Weight(name, shape, values);
        return name;
    }
}
