using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Offload;
using EdgeSparse.Runtime.Tests.Blob;
using EdgeSparse.Runtime.Tests.Kernels;

namespace EdgeSparse.Runtime.Gpu.Tests.Kernels;

/// <summary>What is written together with a result, so that no kernel of its own has to copy it.</summary>
public sealed class LayoutJoinTests
{
    private static readonly DeviceShape Shape = new(DeviceShape.UsualGroupThreads, Batch: 1);

    [Theory]
    [InlineData("lenet-5", 7, 1)]
    [InlineData("mobilenet-v1", 32, 3)]
    [InlineData("resnet-50", 61, 5)]
    public void Networks_have_a_kernel_an_operation_and_few_copies(string name, int kernels, int copies)
    {
        using Model model = ModelOf(name);
        DevicePlan plan = model.PlanForDevice(Shape);
        Assert.Equal((kernels, copies, 0), (plan.Launches.Count, Of(DeviceKernel.Relayout), Of(DeviceKernel.FrameFill)));
        int Of(DeviceKernel kernel) => plan.Launches.Count(l => l.Kernel == kernel);
    }

    [Fact]
    public void A_copy_that_would_lie_in_what_its_pooling_reads_gets_memory_of_its_own()
    {
        using Model model = ModelOf("lenet-5");
        DevicePlan kept = model.PlanForDevice(Shape with { KeepsValues = true });
        DevicePlan joined = model.PlanForDevice(Shape);
        Assert.Equal(model.ArenaBytes / sizeof(float), kept.ArenaStride);
        Assert.True(joined.ArenaStride > kept.ArenaStride);
        DeviceStep pool = joined.Launches.First(l => l.Kernel == DeviceKernel.MaxPool).Step;
        Assert.Equal(2, pool.WritesFrame);
        Assert.True(pool.Output.Slots >= kept.ArenaStride);
        Assert.Equal(pool.Output.Slots, joined.Launches.Where(l => l.Kernel == DeviceKernel.SparseRows).ElementAt(1).Step.Input.Slots);
    }

    [Theory]
    [InlineData(OperationKind.MaxPool)]
    [InlineData(OperationKind.AveragePool)]
    public void A_pooling_writes_any_layout_with_its_frame(int kind)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            (int channels, int height, int width) = (random.Next(1, 4), random.Next(1, 14), random.Next(1, 20));
            Slots slots = SlotCase.Grid(random);
            var blob = new BlobBuilder();
            int input = SlotCase.Input(blob, "x", channels, 2 * height, 2 * width, slots with { RegionY = 2 * Regions(height, slots.GridY), RegionX = 2 * Regions(width, slots.GridX) });
            int pooled = blob.Value("pooled", channels, height, width, SlotCase.Vary(random, slots));
            var around = new OperationRecord
            {
                KernelY = 3,
                KernelX = 3,
                StrideY = 1,
                StrideX = 1,
                DilationY = 1,
                DilationX = 1,
                PadTop = 1,
                PadLeft = 1,
                PadBottom = 1,
                PadRight = 1,
            };
            var window = new OperationRecord { KernelY = 2, KernelX = 2, StrideY = 2, StrideX = 2, DilationY = 1, DilationX = 1 };
            blob.Step("pool", (OperationKind)kind, input, pooled, window);
            Slots other = seed % 4 == 0 ? Slots.Planar : SlotCase.Grid(random);
            Slots framed = SlotCase.Vary(random, other) with { Top = 1 + random.Next(2), Left = 1, Bottom = 1, Right = 1 + random.Next(2) };
            framed = framed with { Frame = kind == (int)OperationKind.MaxPool ? Frame.Lowest : Frame.Zero };
            int copy = blob.Value("copy", channels, height, width, other.Lanes == 1 ? Slots.Planar : framed);
            blob.Step("copy", OperationKind.Relayout, pooled, copy);
            int last = copy;
            if (other.Lanes > 1)
            {
                // Windows around every pixel show whether the copy's frame is there.
                last = blob.Value("around", channels, height, width, SlotCase.Vary(random, other));
                blob.Step("around", (OperationKind)kind, copy, last, around);
            }

            SlotCase.Output(blob, last);
            float[] x = SparseCase.Values(random, channels * 2 * height * 2 * width);
            float[] kept = KernelRun.Run(blob, InstructionSet.Scalar, x);
            KernelRun.AssertSameBits(kept, WorkerRun.Run(blob, InstructionSet.Scalar, 2, x));
        }
    }

    private static int Regions(int length, int regions) => (length + regions - 1) / regions;

    private static Model ModelOf(string name)
    {
        Graph network = OneShotPruning.Apply(ModelZoo.Create(name, 1), _ => (Granularity.Weight, 0.1));
        return Model.FromBytes(Packer.Pack(InferenceSimplification.Apply(network), new PackOptions { Lanes = 16 }).Bytes.Span);
    }
}
