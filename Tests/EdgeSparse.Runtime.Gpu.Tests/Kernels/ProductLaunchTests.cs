using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Gpu.Tests.Kernels;

/// <summary>How products are shared out on an accelerator of 132 multiprocessors.</summary>
public sealed class ProductLaunchTests
{
    private static readonly DeviceShape Large = new(DeviceShape.UsualGroupThreads, Batch: 1) { ProductThreads = 512, WarpThreads = 32, Multiprocessors = 132 };

    [Fact]
    public void A_large_product_has_a_group_for_each_multiprocessor_whose_rows_share_their_inputs()
    {
        // Two tiles of 64 pixels, 32 rows of 205 entries a group.
        DeviceLaunch launch = Product(Large, inputs: 2048, outputs: 2048, height: 8, width: 16, keepEvery: 10);
        Assert.Equal((DeviceKernel.SparseRows, 512, 128), (launch.Kernel, launch.Threads, launch.Groups));
        Assert.Equal((16, 2, 0, 1, 1), (launch.Step.UnitThreads, launch.Step.Tiles, launch.Step.PartShift, launch.Step.WarpShift, launch.Step.IsWarpAlone));
    }

    [Fact]
    public void Short_rows_leave_room_for_several_groups_on_a_multiprocessor()
    {
        DeviceLaunch launch = Product(Large, inputs: 512, outputs: 2048, height: 8, width: 16, keepEvery: 10);
        Assert.Equal((256, 256), (launch.Threads, launch.Groups));
    }

    [Fact]
    public void Long_rows_of_few_pixels_are_shared_out_by_their_entries_too()
    {
        // 64 rows of 16 threads are far too few; a part has no fewer than 64 entries.
        DeviceLaunch launch = Product(Large, inputs: 4096, outputs: 64, height: 8, width: 8, keepEvery: 10);
        Assert.Equal((2, 0, 64, 64), (launch.Step.PartShift, launch.Step.WarpShift, launch.Threads, launch.Groups));
    }

    [Fact]
    public void Where_warps_have_no_barrier_groups_have()
    {
        DeviceLaunch launch = Product(Large with { WarpThreads = 1 }, inputs: 64, outputs: 64, height: 8, width: 8, keepEvery: 2);
        Assert.Equal(0, launch.Step.IsWarpAlone);
    }

    /// <param name="warp">Threads that have a barrier of their own.</param>
    /// <param name="inputs">Of a dense layer: four of a row's for each thread.</param>
    /// <param name="threads">That share a row, or four.</param>
    /// <param name="isAlone">1 when they wait for their warp alone.</param>
    [Theory]
    [InlineData(32, 64, 16, 1)]
    [InlineData(32, 128, 32, 1)]
    [InlineData(32, 512, 128, 0)]
    [InlineData(1, 64, 16, 0)]
    public void Threads_that_share_rows_of_a_vectors_product_wait_for_their_warp_where_it_has_them_all(int warp, int inputs, int threads, int isAlone)
    {
        Weight weight = new("w", new TensorShape(8, inputs), [.. Enumerable.Range(0, 8 * inputs).Select(i => 1f + (i % 7))]);
        Graph graph = new(
            "product", [new GraphValue("x", new TensorShape(1, inputs))], ["y"], [new Linear("product", "x", "y", "w", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("w", weight));
        using Model model = Model.FromBytes(Packer.Pack(graph, new PackOptions { Lanes = 16 }).Bytes.Span);
        DeviceLaunch launch = Assert.Single(model.PlanForDevice(Large with { WarpThreads = warp }).Launches, l => l.Kernel is DeviceKernel.VectorRows or DeviceKernel.VectorQuads);
        Assert.Equal((threads, isAlone), (launch.Step.UnitThreads, launch.Step.IsWarpAlone));
    }

    [Theory]
    [InlineData(4096, 30, 1, 2, 10)]
    [InlineData(1024, 30, 4, 4, 4)]
    [InlineData(512, 9, 2, 2, 1)]
    public void Parts_of_rows_add_up_to_what_the_CPU_gives(int inputs, int outputs, int height, int width, int keepEvery)
    {
        using Model model = Model.FromBytes(Blob(inputs, outputs, height, width, keepEvery));
        DeviceShape shape = new(16, Batch: 1);
        Assert.True(model.PlanForDevice(shape).Launches.Single(l => l.Kernel is DeviceKernel.SparseRows or DeviceKernel.SparseQuads).Step.PartShift > 0);
        float[] input = [.. Enumerable.Range(0, model.Inputs[0].ElementCount).Select(i => MathF.Sin(i))];
        float[] expected = new float[model.Outputs[0].ElementCount];
        float[] actual = new float[expected.Length];
        using Session cpu = model.CreateSession();
        cpu.Run(input, expected);
        using GpuSession gpu = model.CreateSession(GpuBackend.Cpu(16));
        gpu.Run(input, actual);
        float largest = expected.Max(MathF.Abs);
        Assert.All(expected.Zip(actual), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 1e-5f * largest));
    }

    private static DeviceLaunch Product(DeviceShape shape, int inputs, int outputs, int height, int width, int keepEvery)
    {
        using Model model = Model.FromBytes(Blob(inputs, outputs, height, width, keepEvery));
        return Assert.Single(model.PlanForDevice(shape).Launches, l => l.Kernel is DeviceKernel.SparseRows or DeviceKernel.SparseQuads);
    }

    /// <summary>A 1×1 convolution that keeps every so-manieth weight.</summary>
    private static ReadOnlySpan<byte> Blob(int inputs, int outputs, int height, int width, int keepEvery)
    {
        float[] values = new float[outputs * inputs];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i + (i / inputs)) % keepEvery == 0 ? 1f + (i % 7) : 0f;
        }

        Graph graph = new(
            "product", [new GraphValue("x", new TensorShape(1, inputs, height, width))], ["y"],
            [new Conv2d("product", "x", "y", "w", null, Window2d.Square(1, pad: 0), 1)],
            ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(outputs, inputs, 1, 1), values)));
        return Packer.Pack(graph, new PackOptions { Lanes = 16 }).Bytes.Span;
    }
}
