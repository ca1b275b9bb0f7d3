using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Layers;

/// <summary>
/// Fully connected layers to fit the built-in cost of csc to, and samples for them: each layer reads a part of the one input, in which
/// its share of the elements is not zero.
/// </summary>
internal static class ZeroSpread
{
    private const int Seed = 20151;
    private const int LongestInput = 4096;
    private const int SampleCount = 48;

    private static readonly double[] NonZeroShares = [0.05, 0.1, 0.2, 0.3, 0.5];

    /// <summary>From what fits into the first-level cache to what lies in the third-level one.</summary>
    private static readonly (int Inputs, int Outputs)[] Sizes = [(300, 100), (784, 300), (1024, 1000), (LongestInput, 1000)];

    /// <summary>Weights kept.</summary>
    private static readonly double[] Densities = [0.3, 0.2, 0.1, 0.05, 0.02];

    /// <summary>A network of one input, 1 × 5·4096: a part for each share.</summary>
    public static Graph ToGraph()
    {
        Random random = new(Seed);
        var nodes = ImmutableArray.CreateBuilder<Node>();
        var weights = ImmutableDictionary.CreateBuilder<string, Weight>();
        Dictionary<string, double> densities = [];
        foreach ((int inputs, int outputs) in Sizes)
        {
            foreach (double density in Densities)
            {
                string weight = string.Create(CultureInfo.InvariantCulture, $"{outputs} x {inputs}, {density:P0} kept");
                weights[weight] = new Weight(
                    weight, new TensorShape(outputs, inputs), [.. Enumerable.Range(0, outputs * inputs).Select(_ => random.NextSingle() + 0.01f)]);
            }
        }

        for (int part = 0; part < NonZeroShares.Length; part++)
        {
            foreach ((int inputs, int outputs) in Sizes)
            {
                string input = string.Create(CultureInfo.InvariantCulture, $"{inputs} inputs, {NonZeroShares[part]:P0} not zero");
                nodes.Add(new Slice(input, "input", input, [SliceRange.Whole(1), new SliceRange(part * LongestInput, 1, inputs)]));
                foreach (double density in Densities)
                {
                    string weight = string.Create(CultureInfo.InvariantCulture, $"{outputs} x {inputs}, {density:P0} kept");
                    string name = $"{weight}; {input}";
                    nodes.Add(new Linear(name, input, name, weight, null));
                    densities[name] = density;
                }
            }
        }

        Graph graph = new(
            "zeros", [new GraphValue("input", new TensorShape(1, NonZeroShares.Length * LongestInput))], [.. densities.Keys], nodes.ToImmutable(),
            weights.ToImmutable());
        return OneShotPruning.Apply(graph, node => (Granularity.Weight, densities[node.Name]));
    }

    /// <summary>Samples for the network, as a .npy file.</summary>
    public static void WriteSamples(string path)
    {
        Random random = new(Seed);
        float[] samples = new float[SampleCount * NonZeroShares.Length * LongestInput];
        for (int i = 0; i < samples.Length; i++)
        {
            double share = NonZeroShares[i / LongestInput % NonZeroShares.Length];
            samples[i] = random.NextDouble() < share ? random.NextSingle() + 0.01f : 0;
        }

        using FileStream file = File.Create(path);
        NpyFile.Write(file, samples, [SampleCount, NonZeroShares.Length * LongestInput]);
    }
}
