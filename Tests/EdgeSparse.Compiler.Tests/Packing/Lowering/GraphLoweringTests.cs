using CsCheck;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Lowering;

/// <summary>A lowered network computes what its graph does.</summary>
public sealed class GraphLoweringTests
{
    [Fact]
    public void Random_networks_compute_the_same_when_they_are_lowered() =>
        Gen.Select(Gen.Int[0, 10_000_000], Gen.Int[1, 9]).Sample(
            (seed, layers) => AssertSame(RandomOperators.Create(seed, layers), seed), iter: 3000, threads: 1);

    private static void AssertSame(Graph graph, int seed)
    {
        Random random = new(seed);
        double[] input = [.. Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount).Select(_ => (random.NextDouble() * 2) - 1)];
        Dictionary<string, double[]> inputs = new() { [graph.Inputs[0].Name] = input };
        IReadOnlyList<double[]> expected = GraphEvaluator.Run(graph, inputs);
        double[][] actual = LoweredInterpreter.Run(GraphLowering.Apply(graph), inputs);
        for (int output = 0; output < actual.Length; output++)
        {
            Assert.Equal(expected[output].Length, actual[output].Length);
            double scale = Math.Max(1, expected[output].Max(Math.Abs));
            for (int i = 0; i < actual[output].Length; i++)
            {
                Assert.True(
                    Math.Abs(expected[output][i] - actual[output][i]) <= 1e-5 * scale,
                    $"output {output} has {actual[output][i]} at {i} for {expected[output][i]}:\n{string.Join('\n', graph.Nodes.Select(n => $"{n} -> {graph.Shapes[n.Output]}"))}");
            }
        }
    }
}
