using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;

namespace EdgeSparse.Layers;

/// <summary>
/// Layers to fit the built-in costs to, side by side in one network: sizes and densities of common networks, each format's masks.
/// </summary>
internal static class CostSpread
{
    private const int Seed = 20151;

    /// <summary>A layer: Size 0 for a fully connected one, Groups equal to Inputs for a depthwise one.</summary>
    private sealed record Case(int Inputs, int Outputs, int Size, int Kernel, int Stride, bool IsDepthwise, Granularity Granularity, double Density);

    /// <summary>A network whose layers have an input and an output each.</summary>
    public static Graph ToGraph()
    {
        Random random = new(Seed);
        var nodes = ImmutableArray.CreateBuilder<Node>();
        var inputs = ImmutableArray.CreateBuilder<GraphValue>();
        var weights = ImmutableDictionary.CreateBuilder<string, Weight>();
        Dictionary<string, Case> cases = [];
        foreach (Case layer in Cases())
        {
            string name = $"layer{nodes.Count}";
            cases[name] = layer;
            inputs.Add(new GraphValue($"{name}.in", layer.Size == 0 ? new TensorShape(1, layer.Inputs) : new TensorShape(1, layer.Inputs, layer.Size, layer.Size)));
            TensorShape shape = layer.Size == 0
                ? new TensorShape(layer.Outputs, layer.Inputs)
                : new TensorShape(layer.Outputs, layer.IsDepthwise ? 1 : layer.Inputs, layer.Kernel, layer.Kernel);
            float[] values = new float[shape.ElementCount];
            foreach (ref float value in values.AsSpan())
            {
                value = random.NextSingle() + 0.01f;
            }

            weights[$"{name}.weight"] = new Weight($"{name}.weight", shape, values);
            nodes.Add(layer.Size == 0
                ? new Linear(name, $"{name}.in", $"{name}.out", $"{name}.weight", null)
                : new Conv2d(
                    name, $"{name}.in", $"{name}.out", $"{name}.weight", null,
                    Window2d.Square(layer.Kernel, layer.Stride, layer.Kernel / 2), layer.IsDepthwise ? layer.Inputs : 1));
        }

        Graph graph = new("spread", inputs.ToImmutable(), [.. nodes.Select(n => n.Output)], nodes.ToImmutable(), weights.ToImmutable());
        return OneShotPruning.Apply(graph, node => (cases[node.Name].Granularity, cases[node.Name].Density));
    }

    private static IEnumerable<Case> Cases()
    {
        (int Inputs, int Outputs, int Size, int Kernel, int Stride)[] convolutions =
        [
            (64, 128, 56, 1, 1), (256, 256, 28, 1, 1), (512, 512, 14, 1, 1), (1024, 512, 7, 1, 1),
            (64, 64, 56, 3, 1), (256, 128, 28, 3, 2),

            // Small ones, which tell what a layer costs before its first weight.
            (64, 64, 7, 1, 1), (32, 32, 16, 3, 1),
        ];
        foreach ((int inputs, int outputs, int size, int kernel, int stride) in convolutions)
        {
            Case Of(Granularity granularity, double density) => new(inputs, outputs, size, kernel, stride, false, granularity, density);
            foreach (double density in (double[])[1, 0.5, 0.3, 0.2, 0.1, 0.05])
            {
                yield return Of(Granularity.Weight, density);
            }

            foreach (Granularity blocks in Granularity.All.Where(g => !g.IsSingleWeights))
            {
                foreach (double density in (double[])(blocks.FixedDensity is null ? [0.3, 0.1] : [1]))
                {
                    yield return Of(blocks, density);
                }
            }
        }

        foreach ((int channels, int size, int stride) in ((int, int, int)[])[(32, 112, 1), (128, 56, 1), (128, 56, 2), (512, 14, 1), (1024, 7, 1)])
        {
            yield return new Case(channels, channels, size, 3, stride, true, Granularity.Weight, 1);
        }

        yield return new Case(3, 32, 224, 3, 2, false, Granularity.Weight, 1);
        yield return new Case(3, 64, 224, 7, 2, false, Granularity.Weight, 1);
        foreach ((int inputs, int outputs) in ((int, int)[])[(784, 300), (300, 100), (1024, 1000)])
        {
            foreach (double density in (double[])[1, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02])
            {
                yield return new Case(inputs, outputs, 0, 1, 1, false, Granularity.Weight, density);
            }

            foreach (Granularity blocks in Granularity.All.Where(g => !g.IsSingleWeights && g.FixedDensity is null))
            {
                yield return new Case(inputs, outputs, 0, 1, 1, false, blocks, 0.1);
            }

            yield return new Case(inputs, outputs, 0, 1, 1, false, Granularity.TwoOfFour, 1);
            yield return new Case(inputs, outputs, 0, 1, 1, false, Granularity.FourOfEight, 1);
        }

        // Classifiers, which are seldom pruned: what they cost depends on the cache that they fit into.
        foreach (int inputs in (int[])[512, 1280, 2048])
        {
            yield return new Case(inputs, 1000, 0, 1, 1, false, Granularity.Weight, 1);
        }
    }
}
