using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Compiler.Verification.Xnnpack;

namespace EdgeSparse.Compiler.Tests.Verification.Xnnpack;

public sealed class XnnpackConvolutionTests
{
    [Theory]
    [InlineData(0.1, true, 1)]
    [InlineData(0.1, false, 2)]
    [InlineData(1.0, true, 1)]
    public void A_pointwise_layer_agrees_with_onnx_runtime_sparse_and_dense(double density, bool relu, int threads)
    {
        XnnpackChecks.SkipWhereMissing();
        GraphBuilder builder = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 24, 7, 9)).Conv("conv", 20, Window2d.Square(1), density: density);
        Graph graph = (relu ? builder.Relu("r") : builder).Build();
        Assert.True(XnnpackConvolution.IsOneConvolution(graph));
        using var sparse = XnnpackConvolution.Sparse(graph, threads);
        using var dense = XnnpackConvolution.Dense(graph, threads);
        XnnpackChecks.AssertAgrees(graph, sparse);
        XnnpackChecks.AssertAgrees(graph, dense);
    }

    [Fact]
    public void A_window_of_several_pixels_is_dense_alone()
    {
        XnnpackChecks.SkipWhereMissing();
        Graph graph = new GraphBuilder(new TensorShape(1, 6, 8, 9)).Conv("conv", 4, Window2d.Square(3, stride: 2, pad: 1), bias: false).Build();
        using var dense = XnnpackConvolution.Dense(graph, threads: 1);
        XnnpackChecks.AssertAgrees(graph, dense);
        Assert.Equal(
            "XNNPACK's sparse convolution is for 1×1 kernels of stride 1 without padding or groups",
            Assert.Throws<PeerUnavailableException>(() => XnnpackConvolution.Sparse(graph, threads: 1)).Message);
    }

    [Fact]
    public void A_whole_network_is_no_convolution()
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 6)).Linear("fc", 4).Build();
        Assert.False(XnnpackConvolution.IsOneConvolution(graph));
        Assert.Equal(
            "XNNPACK's convolution alone is for networks of one convolution",
            Assert.Throws<PeerUnavailableException>(() => XnnpackConvolution.Dense(graph, threads: 1)).Message);
    }
}
