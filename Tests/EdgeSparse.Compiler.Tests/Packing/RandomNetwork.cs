using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Packing;

/// <summary>
/// A random network from a seed: convolutions with all that they can have, pools, sums, per-channel scales and activations in
/// any order, values with several readers, then a classifier; sometimes a second output in the middle.
/// </summary>
internal sealed class RandomNetwork
{
    private static readonly double[] Sparsities = [0, 0.5, 0.9, 0.99, 1];

    private readonly Random random;
    private readonly List<Node> nodes = [];
    private readonly Dictionary<string, Weight> weights = [];
    private readonly List<(string Name, TensorShape Shape)> maps = [];
    private int next;

    private RandomNetwork(int seed) => random = new Random(seed);

    public static Graph Create(int seed, int layers)
    {
        RandomNetwork network = new(seed);
        TensorShape input = new(
            TensorShape.Symbolic, network.random.Next(1, 7), network.random.Next(3, 20), network.random.Next(3, 20));
        network.maps.Add(("input", input));
        for (int i = 0; i < layers; i++)
        {
            network.AddLayer();
        }

        string[] outputs = network.random.Next(3) == 0
            ? [network.AddClassifier(), network.maps[^1].Name]
            : [network.AddClassifier()];
        return new Graph(
            $"random-{seed}", [new GraphValue("input", input)], [.. outputs], [.. network.nodes], network.weights.ToImmutableDictionary());
    }

    private string Fresh() => $"v{next++}";

    private void AddLayer()
    {
        // Mostly the last map, so that the network gets deep; now and then an earlier one, so that values get several readers.
        (string x, TensorShape shape) = random.Next(4) == 0 ? maps[random.Next(maps.Count)] : maps[^1];
        string y = Fresh();
        switch (random.Next(9))
        {
            case < 4:
                AddConvolution(x, shape, y);
                break;
            case 4:
                Append(new Relu(y, x, y), shape);
                break;
            case 5:
                AddPool(x, shape, y);
                break;
            case 6:
                (string other, _) = maps.Where(m => m.Shape == shape).ElementAt(random.Next(maps.Count(m => m.Shape == shape)));
                Append(new Add(y, x, other, y), shape);
                break;
            case 7:
                AddBatchNorm(x, shape, y);
                break;
            default:
                Append(new Softmax(y, x, y, random.Next(2) == 0 ? random.Next(1, 4) : -random.Next(1, 4)), shape);
                break;
        }
    }

    private void AddConvolution(string x, TensorShape shape, string y)
    {
        int groups = shape[1] % 2 == 0 && random.Next(3) == 0 ? (random.Next(2) == 0 ? shape[1] : 2) : 1;
        Window2d window = new(
            random.Next(1, 5), random.Next(1, 5), Stride(), Stride(), random.Next(3), random.Next(3), random.Next(3), random.Next(3),
            Dilation(), Dilation());
        int rows = window.OutputRows(shape[2]);
        int columns = window.OutputColumns(shape[3]);
        if (rows < 1 || columns < 1)
        {
            window = Window2d.Square(1);
            (rows, columns) = (shape[2], shape[3]);
        }

        int outputs = groups * random.Next(1, 7);
        AddWeight($"{y}.w", new TensorShape(outputs, shape[1] / groups, window.KernelY, window.KernelX));
        string? bias = Bias(y, outputs);
        Append(new Conv2d(y, x, y, $"{y}.w", bias, window, groups), new TensorShape(shape[0], outputs, rows, columns));
    }

    private int Stride() => random.Next(3) == 0 ? random.Next(2, 4) : 1;

    private int Dilation() => random.Next(4) == 0 ? random.Next(2, 4) : 1;

    private void AddPool(string x, TensorShape shape, string y)
    {
        int kernelY = random.Next(1, Math.Min(4, shape[2] + 1));
        int kernelX = random.Next(1, Math.Min(4, shape[3] + 1));
        bool ceil = random.Next(2) == 0;
        Window2d window = new(
            kernelY, kernelX, random.Next(1, 4), random.Next(1, 4),
            random.Next(kernelY), random.Next(kernelX), random.Next(kernelY), random.Next(kernelX));
        TensorShape result = new(shape[0], shape[1], window.OutputRows(shape[2], ceil), window.OutputColumns(shape[3], ceil));
        switch (random.Next(5))
        {
            case 0 or 1:
                Append(new MaxPool(y, x, y, window, ceil), result);
                break;
            case 2 or 3:
                Append(new AveragePool(y, x, y, window, ceil, random.Next(2) == 0), result);
                break;
            default:
                Append(new GlobalAveragePool(y, x, y), new TensorShape(shape[0], shape[1], 1, 1));
                break;
        }
    }

    private void AddBatchNorm(string x, TensorShape shape, string y)
    {
        foreach (string part in (string[])["scale", "shift", "mean", "variance"])
        {
            float[] values = Values(shape[1], part == "variance" ? 0.5 : -1, 1.5);
            weights[$"{y}.{part}"] = new Weight($"{y}.{part}", new TensorShape(shape[1]), values);
        }

        Append(new BatchNorm(y, x, y, $"{y}.scale", $"{y}.shift", $"{y}.mean", $"{y}.variance", 1e-5f), shape);
    }

    private string AddClassifier()
    {
        (string x, TensorShape shape) = maps[^1];
        nodes.Add(new Flatten("flatten", x, "flatten"));
        string hidden = "flatten";
        if (random.Next(4) == 0)
        {
            nodes.Add(new Relu("flat.relu", "flatten", "flat.relu"));
            hidden = "flat.relu";
        }

        int width = random.Next(1, 40);
        AddWeight("fc1.w", new TensorShape(width, shape.ElementCount));
        nodes.Add(new Linear("fc1", hidden, "fc1", "fc1.w", Bias("fc1", width)));
        nodes.Add(new Relu("fc1.relu", "fc1", "fc1.relu"));
        AddWeight("fc2.w", new TensorShape(5, width));
        nodes.Add(new Linear("fc2", "fc1.relu", "fc2", "fc2.w", Bias("fc2", 5)));
        if (random.Next(2) == 0)
        {
            return "fc2";
        }

        nodes.Add(new Softmax("softmax", "fc2", "softmax", -1));
        return "softmax";
    }

    private void Append(Node node, TensorShape shape)
    {
        nodes.Add(node);
        maps.Add((node.Output, shape));
    }

    private string? Bias(string layer, int length)
    {
        if (random.Next(3) == 0)
        {
            return null;
        }

        weights[$"{layer}.b"] = new Weight($"{layer}.b", new TensorShape(length), Values(length, -0.5, 0.5));
        return $"{layer}.b";
    }

    private void AddWeight(string name, TensorShape shape)
    {
        double bound = Math.Sqrt(3.0 * shape[0] / shape.ElementCount);
        double sparsity = Sparsities[random.Next(Sparsities.Length)];
        bool[] mask = new bool[shape.ElementCount];
        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] = random.NextDouble() >= sparsity;
        }

        weights[name] = new Weight(name, shape, Values(shape.ElementCount, -bound, bound), mask);
    }

    private float[] Values(int count, double low, double high)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)(low + (random.NextDouble() * (high - low)));
        }

        return values;
    }
}
