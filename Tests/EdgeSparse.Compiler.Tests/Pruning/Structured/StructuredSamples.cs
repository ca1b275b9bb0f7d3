using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Tests.Graphs;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured;

/// <summary>Networks whose channels hang together in each of the ways that there are, and what is done with them.</summary>
internal static class StructuredSamples
{
    private static readonly TensorShape Picture = new(TensorShape.Symbolic, 3, 8, 8);

    /// <summary>conv1(3→4) bn1 relu; convA(4→4) bnA relu convB(4→4) bnB, added to what they read; relu, mean, fc(4→10).</summary>
    public static Graph Residual()
    {
        GraphBuilder network = new GraphBuilder(Picture)
            .Conv("conv1", 4, Window2d.Square(3, 1, 1), bias: false).BatchNorm("bn1").Relu("relu1");
        string shortcut = network.Last;
        return network
            .Conv("convA", 4, Window2d.Square(3, 1, 1), bias: false).BatchNorm("bnA").Relu("reluA")
            .Conv("convB", 4, Window2d.Square(3, 1, 1), bias: false).BatchNorm("bnB")
            .Add("add", shortcut).Relu("relu2").GlobalAveragePool("pool").Flatten("flatten").Linear("fc", 10).Build();
    }

    /// <summary>conv(3→4) to 2×2 pixels, flattened, fc(16→5).</summary>
    public static Graph Flattened() => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 2, 2))
        .Conv("conv", 4, Window2d.Square(3, 1, 1)).Relu("relu").Flatten("flatten").Linear("fc", 5).Build();

    /// <summary>A(3→4) and B(3→6) of one picture, joined, then last(10→3) and a mean.</summary>
    public static Graph Joined()
    {
        GraphBuilder network = new GraphBuilder(Picture).Conv("A", 4, Window2d.Square(3, 1, 1));
        string a = network.Last;
        network.Last = "input";
        network.Append(new Relu("picture", "input", "picture.out"));
        network.Conv("B", 6, Window2d.Square(3, 1, 1));
        string b = network.Last;
        return network.Append(new Concat("join", [a, b], "join.out", 1)).Conv("last", 3, Window2d.Square(1)).GlobalAveragePool("pool").Build();
    }

    /// <summary>conv(3→8), depthwise, grouped(8→8 in 2), last(8→4), mean.</summary>
    public static Graph Grouped() => new GraphBuilder(Picture)
        .Conv("conv", 8, Window2d.Square(3, 1, 1)).BatchNorm("bn").Relu("relu")
        .Conv("depthwise", 8, Window2d.Square(3, 1, 1), groups: 8).BatchNorm("bn2").Relu("relu2")
        .Conv("grouped", 8, Window2d.Square(1), groups: 2).Relu("relu3")
        .Conv("last", 4, Window2d.Square(1)).GlobalAveragePool("pool").Build();

    /// <summary>conv(3→4), then every second pixel and zero channels (2 before, 2 behind) beside conv2(4→8, stride 2), added.</summary>
    public static Graph Padded()
    {
        GraphBuilder network = new GraphBuilder(Picture).Conv("conv", 4, Window2d.Square(3, 1, 1)).Relu("relu");
        string start = network.Last;
        network.Conv("conv2", 8, Window2d.Square(3, 2, 1)).BatchNorm("bn2");
        string branch = network.Last;
        network.Last = start;
        SliceRange all = SliceRange.Whole(TensorShape.Symbolic);
        return network
            .Append(new Slice("pixels", start, "pixels.out", [all, SliceRange.Whole(4), new SliceRange(0, 2, 4), new SliceRange(0, 2, 4)]))
            .Append(new Pad("zeros", "pixels.out", "zeros.out", [0, 2, 0, 0], [0, 2, 0, 0], PadMode.Constant))
            .Add("add", branch).Relu("relu2").GlobalAveragePool("pool").Flatten("flatten").Linear("fc", 3).Build();
    }

    /// <summary>conv(3→6) split in halves by two slices, each with a convolution of its own, added.</summary>
    public static Graph Split()
    {
        GraphBuilder network = new GraphBuilder(Picture).Conv("conv", 6, Window2d.Square(3, 1, 1)).Relu("relu");
        string whole = network.Last;
        SliceRange all = SliceRange.Whole(TensorShape.Symbolic);
        SliceRange pixels = SliceRange.Whole(8);
        network.Append(new Slice("low", whole, "low.out", [all, new SliceRange(0, 1, 3), pixels, pixels])).Conv("left", 4, Window2d.Square(1));
        string left = network.Last;
        return network
            .Append(new Slice("high", whole, "high.out", [all, new SliceRange(3, 1, 3), pixels, pixels])).Conv("right", 4, Window2d.Square(1))
            .Add("add", left).GlobalAveragePool("pool").Flatten("flatten").Linear("fc", 3).Build();
    }

    public static IReadOnlyDictionary<string, Graph> All => new Dictionary<string, Graph>
    {
        ["residual"] = Residual(),
        ["flattened"] = Flattened(),
        ["joined"] = Joined(),
        ["grouped"] = Grouped(),
        ["padded"] = Padded(),
        ["split"] = Split(),
    };

    /// <summary>A channel as one reads it: <c>conv1 Out 2</c> for each row, column and scale, sorted.</summary>
    public static string[] Words(PrunableChannel channel) =>
    [
        .. channel.Weights
            .Where(m => m.Axis.Role is AxisRole.Out or AxisRole.In or AxisRole.Scale)
            .Select(m => $"{m.Axis.Layer} {m.Axis.Role} {string.Join(',', m.Positions)}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The network with all weights of channels at zero.</summary>
    public static Graph Zeroed(Graph graph, IEnumerable<PrunableChannel> channels, Func<AxisRole, bool>? roles = null)
    {
        Dictionary<string, float[]> values = graph.Weights.ToDictionary(w => w.Key, w => w.Value.Values.ToArray());
        foreach (ChannelMember member in channels.SelectMany(c => c.Weights).Where(m => m.Axis.Role != AxisRole.Statistic && roles?.Invoke(m.Axis.Role) != false))
        {
            int inner = graph.WeightOf(member.Axis.Tensor).Shape.Dims.Skip(member.Axis.Axis + 1).Aggregate(1, (a, b) => a * b);
            float[] weight = values[member.Axis.Tensor];
            for (int i = 0; i < weight.Length; i++)
            {
                if (member.Positions.Contains(i / inner % member.Axis.Length))
                {
                    weight[i] = 0;
                }
            }
        }

        return graph.WithWeights(values.Select(v => graph.WeightOf(v.Key).With(v.Value)));
    }

    /// <summary>The largest difference between the outputs of two networks on seeded inputs, relative to outputs above 1.</summary>
    public static double Difference(Graph a, Graph b, int seed)
    {
        Random random = new(seed);
        Dictionary<string, double[]> inputs = a.Inputs.ToDictionary(i => i.Name, i => Enumerable.Range(0, i.Shape.ElementCount).Select(_ => random.NextDouble() - 0.3).ToArray());
        return GraphEvaluator.Run(a, inputs).Zip(GraphEvaluator.Run(b, inputs))
            .SelectMany(p => p.First.Zip(p.Second, (x, y) => double.IsNaN(x) && double.IsNaN(y) ? 0 : x == y ? 0 : Math.Abs(x - y) / Math.Max(1, Math.Abs(x))))
            .DefaultIfEmpty(0).Max();
    }
}
