using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.PtxEmulator.Driver;
using EdgeSparse.Runtime.Offload;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Cuda.Tests;

/// <summary>Sessions by the PTX of a blob, on an emulated GPU.</summary>
public sealed class CudaSessionTests
{
    private static readonly Lazy<byte[]> Digits = new(() => WithCode(Packer.Pack(Pruned(ModelZoo.Create("lenet-300-100", 1)), new PackOptions()).Bytes.ToArray()));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_network_gives_what_the_CPU_gives_by_one_launch_of_a_graph_or_by_one_a_kernel(bool hasGraphs) => EmulatedDriver.Alone(() =>
    {
        EmulatedGpu.HasGraphs = hasGraphs;
        using Model model = Model.FromBytes(Digits.Value);
        using Session cpu = model.CreateSession();
        using CudaSession session = EmulatedDriver.Open(model);
        Assert.Equal((hasGraphs, 87, "Paper GPU"), (session.UsesGraph, session.Architecture, session.DeviceName));
        int before = EmulatedGpu.KernelLaunches;
        for (int run = 1; run <= 2; run++)
        {
            float[] x = [.. Enumerable.Range(0, 784).Select(i => MathF.Sin(i * run))];
            float[] expected = new float[10];
            float[] actual = new float[10];
            cpu.Run(x, expected);
            session.Run(x, actual);
            Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-5f));
        }

        Assert.Equal(hasGraphs ? 2 : 0, EmulatedGpu.GraphLaunches);
        Assert.True(EmulatedGpu.KernelLaunches - before >= 6);
        Assert.True(model.SelfTest!.Run(session).Passed);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Kernels_are_timed_by_the_clock_of_the_device_without_copies(bool hasGraphs) => EmulatedDriver.Alone(() =>
    {
        EmulatedGpu.HasGraphs = hasGraphs;
        using Model model = Model.FromBytes(Digits.Value);
        using CudaSession session = EmulatedDriver.Open(model);
        session.Run(new float[784], new float[10]);
        int launches = model.PlanForDevice(new DeviceShape(DeviceShape.UsualGroupThreads, 1)).Launches.Count;
        int before = EmulatedGpu.KernelLaunches;

        // The clock of this driver goes a millisecond a kernel.
        Assert.Equal(1000.0 * launches, session.MeasureKernels(3));
        Assert.Equal(6 * launches, EmulatedGpu.KernelLaunches - before);
        IReadOnlyList<LayerTime> layers = session.MeasureLayers(3);
        Assert.Equal(model.Layers.Select(l => l.Name), layers.Select(l => l.Layer.Name));
        Assert.Equal(1000.0 * launches, layers.Sum(l => l.Microseconds));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.MeasureKernels(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.MeasureLayers(0));
    });

    [Fact]
    public void Groups_are_no_larger_than_the_code_in_use_is_compiled_for_whatever_the_device_may_have() => EmulatedDriver.Alone(() =>
    {
        using Model model = Model.FromBytes(LongRows.Value);
        foreach ((int capability, int architecture, int threads) in (ReadOnlySpan<(int, int, int)>)[(62, 53, 128), (87, 87, 512)])
        {
            EmulatedGpu.Reset();
            (EmulatedGpu.Capability, EmulatedGpu.Multiprocessors) = (capability, 1);
            using CudaSession session = EmulatedDriver.Open(model);
            Assert.Equal(architecture, session.Architecture);
            Assert.True(model.SelfTest!.Run(session).Passed);
            Assert.Equal((1024, threads), (EmulatedGpu.GroupThreads, EmulatedGpu.MostThreadsLaunched));
        }
    });

    [Fact]
    public void A_graph_that_the_driver_does_not_make_is_done_without() => EmulatedDriver.Alone(() =>
    {
        EmulatedGpu.Fail("cuGraphInstantiateWithFlags", 801);
        using Model model = Model.FromBytes(Digits.Value);
        using CudaSession session = EmulatedDriver.Open(model);
        Assert.False(session.UsesGraph);
        Assert.True(model.SelfTest!.Run(session).Passed);
    });

    [Fact]
    public void An_index_out_of_range_names_the_layer_and_the_next_run_is_right() => EmulatedDriver.Alone(() =>
    {
        var blob = new BlobBuilder();
        int x = blob.Vector("x", 3);
        int indices = blob.Vector("indices", 2);
        int picked = blob.Vector("y", 2);
        blob.Input("x", x, 3);
        blob.Input("indices", indices, 2);
        blob.Output("y", picked, 2);
        blob.Step("picked", Blob.OperationKind.Gather, x, picked, default, input1: indices, parameters: new[] { 1, 3, 1, 2 });
        using Model model = Model.FromBytes(WithCode(blob.Build()));
        using CudaSession session = EmulatedDriver.Open(model);
        Assert.Throws<InvalidOperationException>(session.Run);
        session.SetInput(0, [1, 2, 3]);
        session.SetInput(1, [0, 7]);
        Assert.Equal(
            "layer 'picked' (Gather) was given the index 7, which is out of range", Assert.Throws<EdgeSparseException>(session.Run).Message);
        float[] y = new float[2];
        Assert.Throws<InvalidOperationException>(() => session.GetOutput(0, y));
        session.SetInput(1, [2, -3]);
        session.Run();
        session.GetOutput(0, y);
        Assert.Equal([3f, 1], y);
    });

    [Fact]
    public void What_a_machine_lacks_is_one_line_and_nothing_is_left_behind() => EmulatedDriver.Alone(() =>
    {
        using Model model = Model.FromBytes(Digits.Value);
        long needed = model.PlanForDevice(new DeviceShape(DeviceShape.UsualGroupThreads, 1)).DeviceBytes;
        AssertRefused(model, "this machine has no CUDA device", () => EmulatedGpu.Fail("cuInit", 100));
        AssertRefused(model, "this machine has no CUDA device", () => EmulatedGpu.DeviceCount = 0);
        AssertRefused(model, "there is no CUDA device 3: this machine has 1, counted from 0", () => { }, device: 3);
        AssertRefused(
            model, $"the model needs {needed} bytes of device memory, but Paper GPU has 1000 free: use another device", () => EmulatedGpu.FreeBytes = 1000);
        AssertRefused(
            model, $"the model needs {needed} bytes of device memory, which Paper GPU does not have free in one piece", () => EmulatedGpu.Fail("cuMemAlloc_v2", 2));
        AssertRefused(
            model, "the blob has GPU code for sm_53, sm_87 and newer, but Paper GPU is sm_50: compile the model with --gpu sm_50", () => EmulatedGpu.Capability = 50);
        AssertRefused(
            model,
            "the driver of Paper GPU (CUDA 10.2) does not take the blob's GPU code for sm_87 (PTX 7.4): install a newer driver, or compile the model for an older architecture as well, with --gpu",
            () => (EmulatedGpu.NewestPtx, EmulatedGpu.DriverVersion) = (65, 10020));
        AssertRefused(
            model, "the blob's GPU code for sm_87 does not run on Paper GPU (sm_87)", () => EmulatedGpu.Fail("cuModuleLoadDataEx", 209));
        AssertRefused(
            model, "the GPU failed at loading code: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered)",
            () => EmulatedGpu.Fail("cuModuleLoadDataEx", 700));
        using Model plain = Model.FromBytes(Packer.Pack(ModelZoo.Create("lenet-300-100", 1), new PackOptions()).Bytes.Span);
        AssertRefused(plain, "the blob has no GPU code: compile the model with --gpu, for example --gpu sm_87", () => { });
    });

    [Fact]
    public void A_machine_without_a_driver_is_told_so_and_one_with_a_driver_that_lacks_functions() => EmulatedDriver.Alone(() =>
    {
        Assert.Equal(
            "this machine has no CUDA driver: libcuda-that-is-nowhere.so cannot be loaded",
            Assert.Throws<EdgeSparseException>(() => CudaDriver.Load("libcuda-that-is-nowhere.so")).Message);
        Assert.Equal("the CUDA driver is too old: it has no cuInit", Assert.Throws<EdgeSparseException>(() => CudaDriver.Start(_ => 0)).Message);
    });

    [Fact]
    public void A_device_that_fails_in_mid_run_is_told_and_all_is_freed() => EmulatedDriver.Alone(() =>
    {
        using Model model = Model.FromBytes(Digits.Value);
        using CudaSession session = EmulatedDriver.Open(model);
        EmulatedGpu.Fail("cuStreamSynchronize", 700);
        Assert.Equal(
            "the GPU failed at running the network: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered)",
            Assert.Throws<CudaException>(() => session.Run(new float[784], new float[10])).Message);
        EmulatedGpu.Fail("cuStreamSynchronize", 12345);
        Assert.Equal(
            "the GPU failed at running the network: error 12345 (error 12345)",
            Assert.Throws<CudaException>(() => session.Run(new float[784], new float[10])).Message);
    });

    [Fact]
    public void Bad_input_of_the_caller_is_told_and_a_disposed_session_refuses() => EmulatedDriver.Alone(() =>
    {
        using Model model = Model.FromBytes(Digits.Value);
        CudaSession session = EmulatedDriver.Open(model);
        Assert.Throws<InputShapeException>(() => session.SetInput(0, new float[783]));
        Assert.Throws<InputShapeException>(() => session.Run(new float[784], new float[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.SetInput(1, new float[784]));
        Assert.Throws<InvalidOperationException>(() => session.GetOutput(0, new float[10]));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateCudaSession(-1));
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(session.Run);
    });

    private static void AssertRefused(Model model, string message, Action spoil, int device = 0)
    {
        EmulatedGpu.Reset();
        spoil();
        Assert.Equal(message, Assert.ThrowsAny<EdgeSparseException>(() => EmulatedDriver.Open(model, device)).Message);
        Assert.Equal(0, EmulatedCuda.Leaks);
        EmulatedGpu.Reset();
    }

    /// <summary>A product whose groups are as large as they may be.</summary>
    private static readonly Lazy<byte[]> LongRows = new(() =>
    {
        Random random = new(3);
        TensorShape shape = new(128, 512, 1, 1);
        float[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (random.NextSingle() - 0.5f) / 16)];
        Graph graph = new(
            "rows", [new GraphValue("input", new TensorShape(1, 512, 8, 8))], ["output"], [new Conv2d("layer", "input", "output", "weight", null, Window2d.Square(1), 1)],
            ImmutableDictionary<string, Weight>.Empty.Add("weight", new Weight("weight", shape, values)));
        return WithCode(Packer.Pack(graph, new PackOptions { Lanes = 16 }).Bytes.ToArray());
    });

    private static byte[] WithCode(byte[] blob) => DeviceCodeSection.Add(SelfTestSection.AddGenerated(blob), "sm_53,sm_87", IProgressSink.Silent).Blob;

    private static Graph Pruned(Graph graph)
    {
        Random random = new(17);
        return graph.WithWeights(graph.PrunableNodes.Select(node =>
        {
            Weight weight = graph.WeightOf(node.PrunableWeight!);
            return weight.With(weight.Values.Span, [.. Enumerable.Range(0, weight.ElementCount).Select(_ => random.NextDouble() >= 0.9)]);
        }));
    }
}
