using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Firmware.Tests;

/// <summary>Blobs that take no training.</summary>
internal static class SmallNetworks
{
    /// <summary>scores = (a + b, c + d) of the picture [[a, b], [c, d]]; a pixel becomes (pixel/255 − 0.5) / 0.25.</summary>
    public static byte[] RowSums()
    {
        Weight weight = new("w", new TensorShape(2, 4), [1, 1, 0, 0, 0, 0, 1, 1]);
        Graph graph = new(
            "row-sums",
            [new GraphValue("picture", new TensorShape(TensorShape.Symbolic, 1, 2, 2))],
            ["scores"],
            [new Flatten("flatten", "picture", "flat"), new Linear("sums", "flat", "scores", "w", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("w", weight));
        return Pack(new InputScaling([0.5f], [0.25f]).ApplyTo(graph));
    }

    /// <summary>scores = (factor·(a + b + c + d), 1), with a self-test of one generated sample.</summary>
    public static byte[] Scaled(float factor)
    {
        Weight weight = new("w", new TensorShape(2, 4), [factor, factor, factor, factor, 0, 0, 0, 0]);
        Weight bias = new("b", new TensorShape(2), [0, 1]);
        return SelfTestSection.AddGenerated(Pack(new Graph(
            "scaled",
            [new GraphValue("x", new TensorShape(1, 4))],
            ["scores"],
            [new Linear("sum", "x", "scores", "w", "b")],
            ImmutableDictionary<string, Weight>.Empty.Add("w", weight).Add("b", bias))));
    }

    /// <summary>A blob whose self-test states other outputs than it has: half of them.</summary>
    public static byte[] Lying()
    {
        byte[] blob = Scaled(1);
        float stated = BitConverter.ToSingle(blob, blob.Length - 8);
        BitConverter.TryWriteBytes(blob.AsSpan(blob.Length - 8), stated / 2);
        System.IO.Hashing.XxHash128.Hash(blob.AsSpan(32)).AsSpan().CopyTo(blob.AsSpan(16));
        blob.AsSpan(16, 16).Reverse();
        return blob;
    }

    /// <summary>Outputs −x and max(x, 0) of three numbers.</summary>
    public static byte[] TwoOutputs() => Pack(new Graph(
        "two",
        [new GraphValue("x", new TensorShape(1, 3))],
        ["negative", "positive"],
        [new Linear("minus", "x", "negative", "w", null), new Relu("relu", "x", "positive")],
        ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(3, 3), [-1, 0, 0, 0, -1, 0, 0, 0, -1]))));

    /// <summary>A network of the zoo with seeded weights, of which one in ten is kept.</summary>
    public static byte[] Pruned(string name) => Pack(PrunedGraph(name));

    /// <summary>The same for vectors of so many lanes, its convolutions in a given format.</summary>
    public static byte[] Pruned(string name, int lanes, string format)
    {
        Graph graph = PrunedGraph(name);
        PackOptions options = new() { Lanes = lanes };
        foreach (Conv2d node in graph.Nodes.OfType<Conv2d>())
        {
            options = options with { Formats = options.Formats.SetItem(node.Name, WeightLayouts.Parse(format)) };
        }

        return Packer.Pack(graph, options).Bytes.ToArray();
    }

    private static Graph PrunedGraph(string name)
    {
        Graph graph = ModelZoo.Create(name, seed: 7);
        Random random = new(7);
        List<Weight> pruned = [];
        foreach (Node node in graph.PrunableNodes)
        {
            Weight weight = graph.WeightOf(node.PrunableWeight!);
            bool[] mask = new bool[weight.ElementCount];
            float[] values = weight.Values.ToArray();
            for (int i = 0; i < mask.Length; i++)
            {
                mask[i] = random.NextDouble() < 0.1;
                values[i] = mask[i] ? values[i] : 0;
            }

            pruned.Add(weight.With(values, mask));
        }

        return graph.WithWeights(pruned);
    }

    private static byte[] Pack(Graph graph) => Packer.Pack(graph, new PackOptions()).Bytes.ToArray();
}
