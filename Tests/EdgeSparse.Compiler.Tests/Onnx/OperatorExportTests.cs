using System.Collections;
using System.Reflection;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Compiler.Tests.Onnx;

public sealed class OperatorExportTests
{
    public static TheoryData<string> Samples => [.. SampleGraphs.All.Keys];

    [Fact]
    public void Every_kind_of_node_is_among_the_samples_or_the_networks()
    {
        HashSet<Type> seen = [.. SampleGraphs.All.Values.Concat(TestNetworks.All.Values.Select(n => n())).SelectMany(g => g.Nodes).Select(n => n.GetType())];
        IEnumerable<Type> kinds = typeof(Node).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Node)) && !t.IsAbstract);
        Assert.Equal([nameof(Dropout)], kinds.Where(k => !seen.Contains(k)).Select(k => k.Name));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Onnx_runtime_computes_what_the_graph_means(string sample)
    {
        Graph graph = SampleGraphs.All[sample];
        using OnnxRuntimeModel model = new(OnnxExporter.ToBytes(graph), threads: 1);
        for (int seed = 0; seed < 3; seed++)
        {
            float[] input = GraphBuilder.Sample(graph, seed);
            double[] expected = GraphEvaluator.Run(graph, input);
            float[] actual = model.Run(input);
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], actual[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_was_exported_and_imported_is_exported_and_imported_to_the_same(string sample)
    {
        Graph once = OnnxImporter.Parse(OnnxExporter.ToBytes(SampleGraphs.All[sample]), "once");
        Graph twice = OnnxImporter.Parse(OnnxExporter.ToBytes(once), "twice");
        Assert.Equal(once.Nodes.Select(Text), twice.Nodes.Select(Text));
        Assert.Equal(once.Inputs, twice.Inputs);
        Assert.Equal(once.Outputs, twice.Outputs);
        Assert.Equal(once.Types.OrderBy(t => t.Key), twice.Types.OrderBy(t => t.Key));
        Assert.Equal(once.Weights.Keys.Order(), twice.Weights.Keys.Order());
        Assert.All(once.Weights.Values, w => Assert.Equal(w.Values.ToArray(), twice.WeightOf(w.Name).Values.ToArray()));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_was_exported_means_the_same_when_it_is_imported(string sample)
    {
        Graph graph = SampleGraphs.All[sample];
        Graph imported = OnnxImporter.Parse(OnnxExporter.ToBytes(graph), "sample");
        float[] input = GraphBuilder.Sample(graph, 1);
        Assert.Equal(GraphEvaluator.Run(graph, input), GraphEvaluator.Run(imported, input));
        Assert.Equal(graph.Shapes[graph.Outputs[0]], imported.Shapes[imported.Outputs[0]]);
    }

    /// <summary>A node with what is in its lists, which records compare by identity.</summary>
    private static string Text(Node node) => $"{node.GetType().Name}: " + string.Join(
        "; ",
        node.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(p => p.Name).Select(p => $"{p.Name} = {Text(p.GetValue(node))}"));

    private static string? Text(object? value) =>
        value is IEnumerable list and not string ? $"[{string.Join(", ", list.Cast<object>().Select(Text))}]" : value?.ToString();
}
