using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Onnx;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Verification;

public sealed class VerifierTests
{
    public static TheoryData<string> Networks => ["mlp", "convnet", "asymmetric", "residual", "pools", "ceil average"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_blob_agrees_with_the_onnx_model_of_the_same_graph(string network)
    {
        Graph graph = TestNetworks.All[network]();
        using Model model = Blob(graph);
        using OnnxRuntimeModel reference = new(OnnxExporter.ToBytes(graph), threads: 1);
        VerificationReport report = Verifier.Verify(
            model, reference, new RandomSplit(graph, 50), new InputScaling([0.5f], [0.25f]), IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.True(report.Passed, report.ToString());
        Assert.Equal(50, report.Samples);
        Assert.Equal(50, report.Agreeing);
        Assert.Equal(report.ReferenceError, report.SparseError);
        Assert.Null(report.FirstMismatch);
    }

    [Fact]
    public void A_changed_weight_is_found_and_the_first_sample_named()
    {
        Graph graph = TestNetworks.All["mlp"]();
        Weight weight = graph.WeightOf("fc2.weight");
        float[] values = weight.Values.ToArray();
        values[7] += 0.5f;
        using Model model = Blob(graph.WithWeights([weight.With(values)]));
        using OnnxRuntimeModel reference = new(OnnxExporter.ToBytes(graph), threads: 1);
        VerificationReport report = Verifier.Verify(model, reference, new RandomSplit(graph, 50), scaling: null, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.False(report.Passed);
        Assert.NotNull(report.FirstMismatch);
        Assert.True(report.LargestRelative > OutputComparison.RelativeTolerance);
        Assert.Equal(50, report.Agreeing + report.Ties + report.Mismatches);
    }

    [Fact]
    public void Errors_against_the_labels_are_counted_for_both()
    {
        // The network says 0 for the sample (1, 0) and 1 for (0, 1); every label is 0.
        Graph graph = Identity(2);
        using Model model = Blob(graph);
        using OnnxRuntimeModel reference = new(OnnxExporter.ToBytes(graph), threads: 1);
        VerificationReport report = Verifier.Verify(
            model, reference, new PixelSplit([255, 0, 0, 255, 255, 0, 255, 0], [0, 0, 0, 0], 2), scaling: null, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(0.25, report.SparseError);
        Assert.Equal(0.25, report.ReferenceError);
    }

    [Fact]
    public void An_empty_set_does_not_pass()
    {
        Graph graph = Identity(2);
        using Model model = Blob(graph);
        using OnnxRuntimeModel reference = new(OnnxExporter.ToBytes(graph), threads: 1);
        Assert.False(Verifier.Verify(model, reference, new PixelSplit([], [], 2), scaling: null, IProgressSink.Silent, TestContext.Current.CancellationToken).Passed);
    }

    [Fact]
    public void Two_different_networks_are_told_by_their_shapes()
    {
        using Model model = Blob(Identity(2));
        using OnnxRuntimeModel reference = new(OnnxExporter.ToBytes(Identity(3)), threads: 1);
        EdgeSparseException error = Assert.ThrowsAny<EdgeSparseException>(
            () => Verifier.Verify(model, reference, new PixelSplit([], [], 2), scaling: null, IProgressSink.Silent, TestContext.Current.CancellationToken));
        Assert.Equal("the input of the blob has the shape 1×2, that of the ONNX model 1×3: they are not the same network", error.Message);
    }

    internal static Graph Identity(int size)
    {
        float[] values = new float[size * size];
        for (int i = 0; i < size; i++)
        {
            values[i * (size + 1)] = 1;
        }

        return new Graph(
            "identity",
            [new GraphValue("x", new TensorShape(TensorShape.Symbolic, size))],
            ["y"],
            [new Linear("fc", "x", "y", "w", null)],
            System.Collections.Immutable.ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(size, size), values)));
    }

    internal static Model Blob(Graph graph) => Model.FromBytes(Packer.Pack(graph, new PackOptions()).Bytes.Span);

    /// <summary>Seeded samples between −1 and 1 with label 0.</summary>
    private sealed class RandomSplit(Graph graph, int count) : DataSplit
    {
        public override int Count => count;

        public override int LabelOf(int index) => 0;

        public override void Read(int index, Span<float> destination) => GraphBuilder.Sample(graph, index).CopyTo(destination);
    }
}
