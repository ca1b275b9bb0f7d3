using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Packing;

/// <summary>
/// A random network from a seed over all operators that are continuous functions of their operands, with values of any rank and
/// a batch that is open, 1 or more.
/// </summary>
internal sealed class RandomOperators
{
    private const int MostElements = 3000;

    private readonly Random random;
    private readonly List<Node> nodes = [];
    private readonly Dictionary<string, Weight> weights = [];
    private readonly Dictionary<string, TensorShape> shapes = [];
    private readonly List<string> values = [];
    private int next;

    private RandomOperators(int seed) => random = new Random(seed);

    public static Graph Create(int seed, int layers)
    {
        RandomOperators network = new(seed);
        Random random = network.random;
        int batch = random.Next(3) switch { 0 => TensorShape.Symbolic, 1 => 1, _ => random.Next(2, 4) };
        TensorShape input = random.Next(4) switch
        {
            0 => new TensorShape(batch, random.Next(1, 13), random.Next(1, 9)),
            _ => new TensorShape(batch, random.Next(1, 9), random.Next(2, 9), random.Next(2, 9)),
        };
        network.shapes["input"] = input;
        network.values.Add("input");
        while (network.nodes.Count < layers)
        {
            network.AddNode();
        }

        string[] outputs = [network.values[^1], network.values[random.Next(network.values.Count)]];
        return new Graph(
            $"random-{seed}", [new GraphValue("input", input)], [.. outputs.Distinct()], [.. network.nodes], network.weights.ToImmutableDictionary());
    }

    private void AddNode()
    {
        string x = random.Next(4) == 0 ? values[random.Next(values.Count)] : values[^1];
        TensorShape shape = shapes[x];
        Node? node = random.Next(5) switch
        {
            0 when shape.Rank == 4 => OfMaps(x, shape),
            0 or 1 => Elementwise(x, shape),
            2 or 3 => Movement(x, shape),
            _ => AlongAxes(x, shape),
        };
        if (node is not null && Fits(node))
        {
            Append(node);
        }
    }

    private Node? OfMaps(string x, TensorShape shape)
    {
        string y = Fresh();
        int c = shape[1];
        int groups = c % 2 == 0 && random.Next(3) == 0 ? 2 : 1;
        Window2d window = new(
            random.Next(1, 4), random.Next(1, 4), random.Next(1, 4), random.Next(1, 4), random.Next(2), random.Next(2), random.Next(2), random.Next(2),
            random.Next(1, 3), random.Next(1, 3));
        int outputs = groups * random.Next(1, 5);
        switch (random.Next(7))
        {
            case 0 or 1:
                return new Conv2d(y, x, y, Weight(outputs, c / groups, window.KernelY, window.KernelX), random.Next(2) == 0 ? Weight(outputs) : null, window, groups);
            case 2 or 3:
                int outY = random.Next(Math.Max(window.StrideY, window.DilationY));
                int outX = random.Next(Math.Max(window.StrideX, window.DilationX));
                return new ConvTranspose2d(
                    y, x, y, Weight(c, outputs / groups, window.KernelY, window.KernelX), random.Next(2) == 0 ? Weight(outputs) : null, window, groups, outY, outX);
            case 4:
                Window2d pool = Window2d.Square(2, random.Next(1, 3), random.Next(2));
                return random.Next(2) == 0 ? new MaxPool(y, x, y, pool, random.Next(2) == 0) : new AveragePool(y, x, y, pool);
            case 5:
                return random.Next(2) == 0 ? new GlobalAveragePool(y, x, y) : new GlobalMaxPool(y, x, y);
            default:
                return new LocalResponseNorm(y, x, y, random.Next(1, 6), 0.5f, 0.75f, 1.5f);
        }
    }

    private Node? Elementwise(string x, TensorShape shape)
    {
        string y = Fresh();
        switch (random.Next(8))
        {
            case 0:
                return new Relu(y, x, y);
            case 1:
                PointwiseFunction[] functions =
                [
                    PointwiseFunction.Tanh, PointwiseFunction.Erf, PointwiseFunction.Gelu, PointwiseFunction.Softplus, PointwiseFunction.Mish,
                    PointwiseFunction.Abs, PointwiseFunction.Neg,
                ];
                return random.Next(3) switch
                {
                    0 => new Clip(y, x, y, -0.5f, float.MaxValue),
                    1 => new Sigmoid(y, x, y),
                    _ => new Pointwise(y, x, y, functions[random.Next(functions.Length)]),
                };
            case 2:
                string[] same = [.. values.Where(v => shapes[v] == shape)];
                return new Add(y, x, same[random.Next(same.Length)], y);
            case 3:
                string other = values[random.Next(values.Count)];
                return new Binary(y, x, other, y, Function());
            case 4:
                string condition = Constant(Broadcastable(shape), () => random.Next(2));
                return new Where(y, condition, x, Constant(Broadcastable(shape), Value), y);
            default:
                bool isLeft = random.Next(3) == 0;
                BinaryFunction function = random.Next(5) == 0 ? BinaryFunction.Div : Function();
                string constant = Constant(Broadcastable(shape), function == BinaryFunction.Div ? () => 1 + Math.Abs(Value()) : Value);
                return new Binary(y, isLeft && function != BinaryFunction.Div ? constant : x, isLeft && function != BinaryFunction.Div ? x : constant, y, function);
        }
    }

    private BinaryFunction Function() => random.Next(6) switch
    {
        0 => BinaryFunction.Sub,
        1 => BinaryFunction.Mul,
        2 => BinaryFunction.Min,
        3 => BinaryFunction.Max,
        4 => BinaryFunction.PRelu,
        _ => BinaryFunction.Add,
    };

    private Node? Movement(string x, TensorShape shape)
    {
        string y = Fresh();
        int rank = shape.Rank;
        int axis = rank == 0 ? 0 : random.Next(shape.IsBatchSymbolic ? Math.Min(1, rank - 1) : 0, rank);
        switch (random.Next(9))
        {
            case 0 or 1:
                return new Reshape(y, x, y, Refactored(shape));
            case 2:
                int[] order = [.. Enumerable.Range(0, rank)];
                random.Shuffle(shape.IsBatchSymbolic ? order.AsSpan(1) : order);
                return new Transpose(y, x, y, [.. order]);
            case 3:
                return new Slice(y, x, y, [.. shape.Dims.Select(Range)]);
            case 4:
                int[] before = [.. shape.Dims.Select((d, i) => i == 0 ? 0 : random.Next(2))];
                int[] after = [.. shape.Dims.Select((d, i) => i == 0 ? 0 : random.Next(2))];
                PadMode mode = shape.Dims.Skip(1).Any(d => d < 2) ? PadMode.Constant : (PadMode)random.Next(4);
                return new Pad(y, x, y, [.. before], [.. after], mode, random.Next(2) == 0 ? 0 : 0.25f);
            case 5 when rank > 1 && shape[axis] != TensorShape.Symbolic:
                int count = random.Next(1, 5);
                return new Gather(y, x, y, axis, [.. Enumerable.Range(0, count).Select(_ => random.Next(shape[axis]))], new TensorShape(count));
            case 6 when rank > 1 && axis > 0 && random.Next(2) == 0:
                int places = random.Next(1, 5);
                int last = shape[axis];
                return new GatherAt(y, x, Constant(new TensorShape(places), () => random.Next(-last, last)), y, axis);
            case 6 when rank == 4 && shape[1] % 4 == 0:
                return new DepthToSpace(y, x, y, 2, random.Next(2) == 0);
            case 7 when rank == 4 && shape[2] % 2 == 0 && shape[3] % 2 == 0:
                return new SpaceToDepth(y, x, y, 2);
            default:
                string[] fitting =
                [
                    .. values.Where(v => shapes[v].Rank == rank && rank > 0
                        && shapes[v].Dims.Where((_, d) => d != axis).SequenceEqual(shape.Dims.Where((_, d) => d != axis))),
                ];
                return fitting.Length == 0 || shape[axis] == TensorShape.Symbolic
                    ? null
                    : new Concat(y, [x, .. Enumerable.Range(0, random.Next(1, 3)).Select(_ => fitting[random.Next(fitting.Length)])], y, axis);
        }
    }

    private Node? AlongAxes(string x, TensorShape shape)
    {
        string y = Fresh();
        int rank = shape.Rank;
        if (rank < 2)
        {
            return null;
        }

        int axis = random.Next(1, rank);
        int c = shape[1];
        switch (random.Next(9))
        {
            case 0:
                return new Softmax(y, x, y, axis, random.Next(2) == 0);
            case 1:
                int[] axes = [.. Enumerable.Range(1, rank - 1).Where(_ => random.Next(2) == 0)];
                return axes.Length == 0 ? null : new Reduce(y, x, y, (ReduceFunction)random.Next(4), [.. axes], random.Next(2) == 0);
            case 2:
                return new TopK(y, x, y, random.Next(1, shape[axis] + 1), axis, random.Next(2) == 0, false);
            case 3:
                ReadOnlySpan<int> normalised = shape.Dims.AsSpan()[axis..];
                return new LayerNorm(y, x, y, Weight(normalised), random.Next(2) == 0 ? Weight(normalised) : null, axis, 0.1f);
            case 4 when rank > 2:
                return random.Next(2) == 0
                    ? new InstanceNorm(y, x, y, Weight(c), Weight(c), 0.1f)
                    : new GroupNorm(y, x, y, Weight(c), Weight(c), c % 2 == 0 ? 2 : 1, 0.1f);
            case 5:
                return new BatchNorm(y, x, y, Weight(c), Weight(c), Weight(c), Weight(() => 1 + Math.Abs(Value()), c), 0.1f);
            case 6:
                return new Linear(y, x, y, Weight(random.Next(1, 9), shape[rank - 1]), null);
            case 7:
                int[] order = [.. Enumerable.Range(0, rank)];
                (order[^1], order[^2]) = (order[^2], order[^1]);
                if (rank == 2 && shape.IsBatchSymbolic)
                {
                    return null;
                }

                string transposed = Append(new Transpose(y, x, y, [.. order]));
                return new MatMul(Fresh(), x, transposed, $"{y}.product");
            default:
                int[] dims = [.. shape.Dims.Select((d, i) => i < 2 ? d : random.Next(1, 10))];
                return new Resize(
                    y, x, y, new TensorShape(dims), [.. dims.Select((d, i) => (double)d / shape[i])], (ResizeMode)random.Next(3),
                    (ResizeCoordinates)random.Next(5), (ResizeRounding)random.Next(4), -0.75, random.Next(2) == 0, random.Next(2) == 0);
        }
    }

    private SliceRange Range(int length)
    {
        if (length == TensorShape.Symbolic)
        {
            return SliceRange.Whole(TensorShape.Symbolic);
        }

        int start = random.Next(length);
        int step = random.Next(4) == 0 ? -random.Next(1, 3) : random.Next(1, 3);
        int most = step > 0 ? (length - start + step - 1) / step : (start / -step) + 1;
        return random.Next(3) == 0 ? SliceRange.Whole(length) : new SliceRange(start, step, random.Next(1, most + 1));
    }

    /// <summary>The same elements, dimensions joined and split at random; an open batch stays in front.</summary>
    private TensorShape Refactored(TensorShape shape)
    {
        int rest = shape.ElementCount;
        List<int> dims = shape.IsBatchSymbolic || (shape.Rank > 0 && shape[0] == 1) ? [shape[0]] : [];
        while (rest > 1 && dims.Count < 5)
        {
            int[] factors = [.. Enumerable.Range(2, rest - 1).Where(f => rest % f == 0)];
            int factor = factors[random.Next(factors.Length)];
            dims.Add(factor);
            rest /= factor;
        }

        if (rest > 1)
        {
            dims[^1] *= rest;
        }

        return new TensorShape([.. dims]);
    }

    private TensorShape Broadcastable(TensorShape shape)
    {
        int skip = random.Next(shape.Rank + 1);
        bool perChannel = shape.Rank > 1 && random.Next(2) == 0;
        return perChannel
            ? new TensorShape([.. shape.Dims.Skip(1).Select((d, i) => i == 0 ? d : 1)])
            : new TensorShape([.. shape.Dims.Skip(skip).Select(d => d == TensorShape.Symbolic || random.Next(2) == 0 ? 1 : d)]);
    }

    private string Constant(TensorShape shape, Func<double> value)
    {
        string name = Fresh();
        float[] elements = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (float)value())];
        weights[$"{name}.c"] = new Weight($"{name}.c", shape, elements);
        Node constant = new Constant(name, name, $"{name}.c");
        nodes.Add(constant);
        shapes[name] = shape;
        return name;
    }

    private string Weight(params ReadOnlySpan<int> dims) => Weight(Value, dims);

    private string Weight(Func<double> value, params ReadOnlySpan<int> dims)
    {
        TensorShape shape = new(dims);
        string name = $"w{next++}";
        weights[name] = new Weight(name, shape, [.. Enumerable.Range(0, shape.ElementCount).Select(_ => random.Next(3) == 0 ? 0 : (float)value())]);
        return name;
    }

    private double Value() => (random.NextDouble() * 1.6) - 0.8;

    private string Fresh() => $"v{next++}";

    private bool Fits(Node node)
    {
        try
        {
            return ShapeInference.Infer(node, shapes, weights).ElementCount <= MostElements;
        }
        catch (GraphException)
        {
            // Operands that do not go together; another node is drawn.
            return false;
        }
    }

    private string Append(Node node)
    {
        nodes.Add(node);
        values.Add(node.Output);
        shapes[node.Output] = ShapeInference.Infer(node, shapes, weights);
        return node.Output;
    }
}
