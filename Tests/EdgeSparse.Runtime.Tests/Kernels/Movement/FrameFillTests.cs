using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class FrameFillTests
{
    /// <summary>The run's checks compare every frame with the pixels; a sigmoid leaves no zeros where nothing fills.</summary>
    [Fact]
    public void A_step_leaves_the_frame_that_its_output_promises()
    {
        for (int seed = 0; seed < KernelRun.Cases(300); seed++)
        {
            var random = new Random(seed);
            (int c, int h, int w) = (random.Next(1, 5), random.Next(1, 24), random.Next(1, 40));
            Slots slots = random.Next(5) == 0 ? Slots.Flat(SparseCase.Pick(random, 4, 8, 16)) : SlotCase.Grid(random);
            float[] x = SparseCase.Values(random, c * h * w);
            var blob = new BlobBuilder();
            int input = SlotCase.Input(blob, "x", c, h, w, slots);
            int output = blob.Value("y", c, h, w, SlotCase.Vary(random, slots with { ChannelsOutside = true }));
            blob.Step("sigmoid", OperationKind.Activate, input, output, activation: Activation.Sigmoid);
            SlotCase.Output(blob, output);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                SlotCase.AssertSameForWorkers(blob, set, KernelRun.Run(blob, set, x), x);
            }
        }
    }
}
