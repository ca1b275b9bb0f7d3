using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Onnx;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Compiler.Verification.Xnnpack;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Verification;

public sealed class ModelBenchTests : IDisposable
{
    private readonly string onnx = Path.Combine(Path.GetTempPath(), $"edgesparse-{Guid.NewGuid():N}.onnx");

    public void Dispose() => File.Delete(onnx);

    [Fact]
    public void Peers_are_measured_with_each_number_of_threads()
    {
        BenchResult result = Run(TestNetworks.All["mlp"](), new BenchOptions { Threads = [1, 2], Seconds = 0.05 });
        Assert.Equal([1, 2], result.Runs.Select(r => r.Threads));
        foreach (BenchRun run in result.Runs)
        {
            Assert.Equal(["ONNX Runtime", "XNNPACK dense", "XNNPACK sparse"], run.Peers.Select(p => p.Name));
            Assert.Equal(PeerState.Measured, run.Peers[0].State);
            Assert.All(run.Peers, p => Assert.Equal(p.State == PeerState.Unavailable, p.Reason is not null));
            Assert.Equal(XnnpackLibrary.WhyUnavailable is null ? PeerState.Measured : PeerState.Unavailable, run.Peers[1].State);
            Assert.Equal(PeerState.Unavailable, run.Peers[2].State);
        }

        Assert.Equal(result.Runs[0].EdgeSparse, result.EdgeSparse);
        Assert.Equal(result.Runs[0].Peers[0].Latency, result.OnnxRuntime);
        Assert.Equal(result.OnnxRuntime!.MedianMicroseconds / result.EdgeSparse.MedianMicroseconds, result.Ratio);
        Assert.Equal(1, result.Threads);
        Assert.InRange(result.ResidentBytes, 1 << 20, result.PeakResidentBytes);
        Assert.Contains("fc1", result.Layers.Select(l => l.Name));
    }

    [Fact]
    public void A_single_pointwise_layer_meets_the_sparse_operator_of_xnnpack()
    {
        Xnnpack.XnnpackChecks.SkipWhereMissing();
        Graph graph = new GraphBuilder(new TensorShape(1, 16, 6, 6)).Conv("conv", 16, Window2d.Square(1), density: 0.2).Relu("r").Build();
        BenchResult result = Run(graph, new BenchOptions { Peers = BenchPeers.Xnnpack, Seconds = 0.05 });
        Assert.Equal(["XNNPACK dense", "XNNPACK sparse"], result.Runs[0].Peers.Select(p => p.Name));
        Assert.All(result.Runs[0].Peers, p => Assert.Equal(PeerState.Measured, p.State));
        Assert.Null(result.OnnxRuntime);
        Assert.Null(result.Ratio);
    }

    [Fact]
    public void Without_an_onnx_model_there_is_no_peer()
    {
        using Model model = VerifierTests.Blob(VerifierTests.Identity(4));
        BenchResult result = ModelBench.Run(
            model, BenchInputs.Random(4, seed: 1, count: 1), new BenchOptions { Seconds = 0.01 }, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Empty(result.Runs[0].Peers);
        Assert.Null(result.OnnxRuntime);
        Assert.Null(result.Ratio);
        Assert.Equal(model.ArenaBytes, result.ArenaBytes);
        Assert.True(result.Calls > 0);
    }

    [Fact]
    public void An_onnx_model_with_other_weights_is_refused_before_anything_is_timed()
    {
        Graph graph = TestNetworks.All["mlp"]();
        Weight weight = graph.WeightOf("fc2.weight");
        File.WriteAllBytes(onnx, OnnxExporter.ToBytes(graph.WithWeights([weight.With([.. weight.Values.ToArray().Select(v => -v)])])));
        using Model model = VerifierTests.Blob(graph);
        string message = Assert.Throws<EdgeSparseException>(() => ModelBench.Run(
            model, BenchInputs.Random(30, seed: 1), new BenchOptions { OnnxPath = onnx, Seconds = 0.05 }, IProgressSink.Silent,
            TestContext.Current.CancellationToken)).Message;
        Assert.StartsWith("EdgeSparse's outputs differ from ONNX Runtime's by ", message);
    }

    private BenchResult Run(Graph graph, BenchOptions options)
    {
        File.WriteAllBytes(onnx, OnnxExporter.ToBytes(graph));
        using Model model = VerifierTests.Blob(graph);
        return ModelBench.Run(
            model, BenchInputs.Random(model.Inputs[0].ElementCount, seed: 1), options with { OnnxPath = onnx }, IProgressSink.Silent, TestContext.Current.CancellationToken);
    }
}
