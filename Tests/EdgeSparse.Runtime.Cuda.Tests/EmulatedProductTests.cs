using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.PtxEmulator.Driver;
using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Cuda.Tests;

/// <summary>Products in every format of weights and every way to share them out, and what their barriers are for, on the emulated GPU.</summary>
public sealed class EmulatedProductTests
{
    public static TheoryData<string> Granularities => [.. Granularity.All.Select(g => g.Name)];

    [Theory]
    [MemberData(nameof(Granularities))]
    public void Every_format_of_weights_gives_what_the_CPU_gives(string name)
    {
        Granularity granularity = Granularity.All.Single(g => g.Name == name);
        Graph convolution = OneShotPruning.Apply(Convolution(32, 24, 7, 9, 3), _ => (granularity, 0.2));
        Graph linear = OneShotPruning.Apply(Linear(150, 70), _ => (granularity, 0.2));
        foreach ((int capability, int multiprocessors) in (ReadOnlySpan<(int, int)>)[(53, 1), (87, 16)])
        {
            AssertSame(convolution, capability, multiprocessors);
            AssertSame(linear, capability, multiprocessors);
        }
    }

    /// <param name="inputs">Channels.</param>
    /// <param name="outputs">Channels.</param>
    /// <param name="height">Of the map.</param>
    /// <param name="width">Of the map.</param>
    /// <param name="density">Share of the weights that are kept.</param>
    /// <param name="parts">Parts of a row that are shared out on sm_90 with 132 multiprocessors.</param>
    [Theory]
    [InlineData(512, 40, 8, 8, 0.5, 4)]
    [InlineData(2048, 32, 8, 8, 0.1, 2)]
    [InlineData(2048, 64, 1, 3, 0.25, 8)]
    [InlineData(1024, 48, 2, 4, 1, 8)]
    [InlineData(96, 200, 20, 20, 0.1, 1)]
    public void Products_give_what_the_CPU_gives_however_rows_are_shared_out(int inputs, int outputs, int height, int width, double density, int parts)
    {
        Graph graph = Pruned(Convolution(inputs, outputs, height, width, 1), density);
        byte[] blob = EmulatedBlob.Of(graph, 16, "sm_90");
        using Model model = Model.FromBytes(blob);
        DeviceShape shape = new(DeviceShape.UsualGroupThreads, Batch: 1) { ProductThreads = 512, WarpThreads = 32, Multiprocessors = 132 };
        Assert.Equal(parts, 1 << Assert.Single(model.PlanForDevice(shape).Launches, l => l.Kernel is DeviceKernel.SparseRows or DeviceKernel.SparseQuads).Step.PartShift);
        AssertSame(graph, 90, 132);
        AssertSame(graph, 62, 1);
    }

    /// <summary>That the emulator has found nothing says something only if it finds what is wrong.</summary>
    /// <param name="barrier">What is taken out of the kernel that is named.</param>
    [Theory]
    [InlineData(nameof(DeviceKernel.SparseRows), "bar.warp.sync\t4294967295;", 512, 64, 8, 8, 0.1)]
    [InlineData(nameof(DeviceKernel.SparseRows), "bar.sync\t0;", 2048, 64, 1, 3, 0.25)]
    [InlineData(nameof(DeviceKernel.SparseQuads), "bar.warp.sync\t4294967295;", 64, 64, 8, 8, 1)]
    [InlineData(nameof(DeviceKernel.SparseQuads), "bar.sync\t0;", 1024, 48, 2, 4, 1)]
    [InlineData(nameof(DeviceKernel.VectorRows), "bar.warp.sync\t4294967295;", 512, 64, 0, 0, 0.1)]
    [InlineData(nameof(DeviceKernel.VectorRows), "bar.sync\t0;", 2048, 64, 0, 0, 0.1)]
    [InlineData(nameof(DeviceKernel.VectorQuads), "bar.warp.sync\t4294967295;", 96, 64, 0, 0, 1)]
    [InlineData(nameof(DeviceKernel.VectorQuads), "bar.sync\t0;", 512, 64, 0, 0, 1)]
    public void Without_its_barriers_a_product_is_refused(string kernel, string barrier, int inputs, int outputs, int height, int width, double density) =>
        EmulatedDriver.Alone(() =>
        {
            using Model model = Model.FromBytes(
                EmulatedBlob.Of(Pruned(height == 0 ? Linear(inputs, outputs) : Convolution(inputs, outputs, height, width, 1), density), 16, "sm_87"));
            EmulatedGpu.Multiprocessors = 132;
            Assert.Contains(model.PlanForDevice(new DeviceShape(DeviceShape.UsualGroupThreads, 1)).Launches, l => l.Kernel == Enum.Parse<DeviceKernel>(kernel));
            bool isChanged = false;
            EmulatedGpu.Change = text =>
            {
                isChanged |= text.Contains(barrier, StringComparison.Ordinal);
                return text.Replace(barrier, "", StringComparison.Ordinal);
            };
            using (CudaSession session = EmulatedDriver.Open(model))
            {
                session.SetInput(0, new float[model.Inputs[0].ElementCount]);
                Assert.True(isChanged);
                Assert.False(EmulatedBlob.Runs(session));
                Assert.Matches("thread \\d+ (reads|writes) (what another thread (reads|writes)|where another thread writes) at the same time|nothing was written to", EmulatedGpu.Fault);
            }

            EmulatedGpu.Reset();
        });

    private static void AssertSame(Graph graph, int capability, int multiprocessors) => EmulatedDriver.Alone(() =>
    {
        (EmulatedGpu.Capability, EmulatedGpu.Multiprocessors) = (capability, multiprocessors);
        EmulatedBlob.AssertSame(EmulatedBlob.Of(graph, 16, $"sm_{capability}"), 1, $"sm_{capability}");
    });

    private static Graph Pruned(Graph graph, double density) => density == 1 ? graph : OneShotPruning.Apply(graph, _ => (Granularity.Weight, density));

    private static Graph Convolution(int inputs, int outputs, int height, int width, int kernel) =>
        Layer(
            new TensorShape(1, inputs, height, width), new TensorShape(outputs, inputs, kernel, kernel),
            new Conv2d("layer", "input", "output", "weight", null, Window2d.Square(kernel, pad: kernel / 2), 1));

    private static Graph Linear(int inputs, int outputs) =>
        Layer(new TensorShape(1, inputs), new TensorShape(outputs, inputs), new Linear("layer", "input", "output", "weight", null));

    private static Graph Layer(TensorShape input, TensorShape shape, Node node)
    {
        Random random = new(20151);
        float[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => random.NextSingle() - 0.5f)];
        return new Graph(
            "layer", [new GraphValue("input", input)], ["output"], [node],
            ImmutableDictionary<string, Weight>.Empty.Add("weight", new Weight("weight", shape, values)));
    }
}
