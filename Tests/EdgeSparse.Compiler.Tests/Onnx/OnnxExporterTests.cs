using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Compiler.Tests.Onnx;

public sealed class OnnxExporterTests
{
    private static readonly TensorShape Image = new(TensorShape.Symbolic, 3, 9, 11);

    public static TheoryData<string> Networks => [.. TestNetworks.All.Keys];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Onnx_runtime_computes_what_the_graph_means(string network)
    {
        Graph graph = TestNetworks.All[network]();
        using OnnxRuntimeModel model = new(OnnxExporter.ToBytes(graph), threads: 1);
        for (int seed = 0; seed < 5; seed++)
        {
            float[] input = GraphBuilder.Sample(graph, seed);
            double[] expected = GraphEvaluator.Run(graph, input);
            float[] actual = model.Run(input);
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], actual[i], 1e-4 * Math.Max(1, expected.Max(Math.Abs)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Import_of_an_export_gives_the_same_layers_weights_and_metadata(string network)
    {
        Graph graph = TestNetworks.All[network]().WithMetadata("edgesparse.input.mean", "0.1307").WithMetadata("edgesparse.input.std", "0.3081");
        Graph imported = OnnxImporter.Parse(OnnxExporter.ToBytes(graph), "test.onnx");

        Assert.Equal(graph.Name, imported.Name);
        Assert.Equal(graph.Inputs, imported.Inputs);
        Assert.Equal(graph.Outputs, imported.Outputs);
        Assert.Equal(graph.Nodes, imported.Nodes);
        Assert.Equal(graph.Metadata, imported.Metadata);
        Assert.Equal(graph.Weights.Keys.Order(), imported.Weights.Keys.Order());
        foreach (Weight weight in graph.Weights.Values)
        {
            Assert.Equal(weight.Shape, imported.WeightOf(weight.Name).Shape);
            Assert.Equal(weight.Values.ToArray(), imported.WeightOf(weight.Name).Values.ToArray());
        }
    }

    [Fact]
    public void The_same_graph_gives_the_same_bytes()
    {
        Assert.Equal(
            OnnxExporter.ToBytes(TestNetworks.All["residual"]()),
            OnnxExporter.ToBytes(TestNetworks.All["residual"]()));
    }

    [Fact]
    public void Pruned_weights_are_exported_as_zeros()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 40)).Linear("fc", 25, density: 0.1).Build();
        Graph imported = OnnxImporter.Parse(OnnxExporter.ToBytes(graph), "test.onnx");
        Assert.Equal(graph.WeightOf("fc.weight").KeptCount, imported.WeightOf("fc.weight").NonZeroCount);
        Assert.Null(imported.WeightOf("fc.weight").Mask);
    }

    [Fact]
    public void Dropout_is_left_out_and_its_readers_read_on()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 8)).Linear("a", 6).Dropout("drop").Linear("b", 4).Build();
        Graph imported = OnnxImporter.Parse(OnnxExporter.ToBytes(graph), "test.onnx");
        Assert.Equal(["a", "b"], imported.Nodes.Select(n => n.Name));
        Assert.Equal(["a.out"], imported.NodeOf("b").Inputs);
    }

    [Fact]
    public void An_output_written_by_dropout_keeps_its_name()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 8)).Linear("a", 6).Dropout("drop").Build();
        Graph imported = OnnxImporter.Parse(OnnxExporter.ToBytes(graph), "test.onnx");
        Assert.Equal(["drop.out"], imported.Outputs);
        Assert.Equal(["a"], imported.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void A_fixed_batch_stays_fixed_and_a_symbolic_one_symbolic()
    {
        Graph fixedBatch = new GraphBuilder(new TensorShape(1, 3, 9, 11)).Relu("r").Build();
        Graph symbolic = new GraphBuilder(Image).Relu("r").Build();
        Assert.Equal(new TensorShape(1, 3, 9, 11), OnnxImporter.Parse(OnnxExporter.ToBytes(fixedBatch), "a").Inputs[0].Shape);
        Assert.Equal(Image, OnnxImporter.Parse(OnnxExporter.ToBytes(symbolic), "b").Inputs[0].Shape);
    }

    [Fact]
    public void A_weight_that_matrices_and_higher_tensors_share_is_written_in_both_forms()
    {
        Graph graph = TestNetworks.SharedLinear();
        Graph imported = OnnxImporter.Parse(OnnxExporter.ToBytes(graph), "test.onnx");
        float[] input = GraphBuilder.Sample(graph, 3);
        Assert.Equal(GraphEvaluator.Run(graph, input), GraphEvaluator.Run(imported, input));
    }

    [Fact]
    public void A_dilated_average_pool_is_what_onnx_runtime_computes()
    {
        Graph graph = new GraphBuilder(Image).AveragePool("smooth", new Window2d(2, 2, DilationY: 2, DilationX: 2)).Build();
        float[] input = GraphBuilder.Sample(graph, 1);
        using OnnxRuntimeModel model = new(OnnxExporter.ToBytes(graph), threads: 1);
        Assert.Equal(GraphEvaluator.Run(graph, input).Select(v => (float)v), model.Run(input), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Nothing_is_left_of_a_file_that_cannot_be_written()
    {
        string folder = Directory.CreateTempSubdirectory("edgesparse-").FullName;
        Graph graph = new GraphBuilder(Image).Relu("r").Build();
        Assert.ThrowsAny<EdgeSparse.Runtime.EdgeSparseException>(() => OnnxExporter.Write(graph, Path.Combine(folder, "missing", "x.onnx")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        Directory.Delete(folder);
    }
}
