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
