using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Onnx;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Compiler.Verification.Xnnpack;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Verification.Xnnpack;

public sealed class XnnpackNetworkTests
{
    public static TheoryData<string, int> Networks => new(
        from network in (string[])["mlp", "convnet", "asymmetric", "residual", "activations", "channel softmax"] from threads in (int[])[1, 2] select (network, threads));

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_computes_what_onnx_runtime_does(string network, int threads)
    {
        XnnpackChecks.SkipWhereMissing();
        Graph graph = TestNetworks.All[network]();
        using var dense = XnnpackNetwork.Dense(graph, threads);
        Assert.Equal("XNNPACK dense", dense.Name);
        Assert.Equal(threads, dense.Threads);
        XnnpackChecks.AssertAgrees(graph, dense);
    }

    [Fact]
    public void Pools_that_round_up_and_means_without_padding_agree()
    {
        XnnpackChecks.SkipWhereMissing();
        Graph graph = new GraphBuilder(new TensorShape(1, 5, 12, 13))
            .MaxPool("max", new Window2d(3, 3, 2, 2, 1, 1, 0, 1), ceilMode: true).Relu("r")
            .AveragePool("mean", new Window2d(3, 2, 1, 1, 1, 0, 1, 1))
            .AveragePool("ceil", new Window2d(2, 2, 2, 2), ceilMode: true)
            .MaxPool("dilated", new Window2d(2, 2, 1, 1, DilationY: 2, DilationX: 1)).Build();
        using var dense = XnnpackNetwork.Dense(graph, threads: 1);
        XnnpackChecks.AssertAgrees(graph, dense);
    }

    [Fact]
    public void Depthwise_layers_may_have_several_outputs_a_channel()
    {
        XnnpackChecks.SkipWhereMissing();
        Graph graph = new GraphBuilder(new TensorShape(1, 4, 6, 7)).Conv("double", 8, Window2d.Square(3, pad: 1), groups: 4).Relu("r").Build();
        using var dense = XnnpackNetwork.Dense(graph, threads: 1);
        XnnpackChecks.AssertAgrees(graph, dense);
    }

    [Fact]
    public void A_mobile_network_of_sparse_pointwise_layers_becomes_sparse()
    {
        XnnpackChecks.SkipWhereMissing();
        Assert.SkipWhen(RuntimeInformation.ProcessArchitecture == Architecture.X64, "this version of XNNPACK makes no whole network sparse on x64");
        Graph graph = Mobile(density: 0.1);
        using var sparse = XnnpackNetwork.Sparse(graph, threads: 1);
        Assert.Equal("XNNPACK sparse", sparse.Name);
        XnnpackChecks.AssertAgrees(graph, sparse);
    }

    [Fact]
    public void A_network_that_xnnpack_would_run_densely_is_no_sparse_peer()
    {
        XnnpackChecks.SkipWhereMissing();
        string expected = RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? "XNNPACK of 2022-02-16 has no sparse inference for whole networks on x64, only for single 1×1 convolutions"
            : "XNNPACK applies its sparse kernels to no layer of this network; it does so between a first 3×3 convolution of 3 channels "
                + "with stride 2 and a global average pooling, for 1×1 convolutions that are more than 2/3 zeros";
        foreach (Graph graph in (Graph[])[Mobile(density: 1), TestNetworks.All["convnet"]()])
        {
            Assert.Equal(expected, Assert.Throws<PeerUnavailableException>(() => XnnpackNetwork.Sparse(graph, threads: 1)).Message);
        }
    }

    [Fact]
    public void A_layer_that_xnnpack_lacks_is_named_with_the_reason()
    {
        XnnpackChecks.SkipWhereMissing();
        Assert.Equal("XNNPACK cannot express AveragePool 'padded': its mean counts the padding", WhyNot(TestNetworks.All["pools"]()));
        Assert.Equal(
            "XNNPACK cannot express Softmax 'prob': XNNPACK's goes over the last dimension alone", WhyNot(TestNetworks.All["three dimensions"]()));
        Assert.Equal("XNNPACK cannot express ConvTranspose2d 'up1': there is no XNNPACK operator for it here", WhyNot(TestNetworks.All["upsampling"]()));

        static string WhyNot(Graph graph) => Assert.Throws<PeerUnavailableException>(() => XnnpackNetwork.Dense(graph, threads: 1)).Message;
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        XnnpackChecks.SkipWhereMissing();
        using var dense = XnnpackNetwork.Dense(TestNetworks.All["mlp"](), threads: 1);
        Assert.Equal(
            "the network has 30 inputs and 10 outputs, not 29 and 10", Assert.Throws<EdgeSparseException>(() => dense.Run(new float[29], new float[10])).Message);
    }

    private static Graph Mobile(double density) => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 16, 16))
        .Conv("first", 16, Window2d.Square(3, stride: 2, pad: 1)).Relu("r0")
        .Conv("depthwise", 16, Window2d.Square(3, pad: 1), groups: 16).Relu("r1")
        .Conv("pointwise", 32, Window2d.Square(1), density: density).Relu("r2")
        .GlobalAveragePool("mean").Flatten("flat").Linear("fc", 10).Build();
}
