using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class GlobalPoolTests
{
    [Fact]
    public void Means_and_maxima_agree_with_a_reference_in_double_precision_in_any_layout()
    {
        for (int seed = 0; seed < KernelRun.Cases(300); seed++)
        {
            var random = new Random(seed);
            (int c, int h, int w) = (random.Next(1, 9), random.Next(1, 16), random.Next(1, 40));
            Slots slots = SlotCase.Vary(random, SlotCase.Any(random));
            if (slots.Right > 0 && slots.GridX > 1 && random.Next(2) == 0)
            {
                // The last lanes have pixels in the halo.
                int region = random.Next(1, 6);
                w = (slots.GridX * region) + slots.Right;
                slots = slots with { RegionX = region };
            }

            float[] x = SparseCase.Values(random, c * h * w);
            double[] expected = [.. x.Chunk(h * w).Select(map => map.Average(v => (double)v))];
            double[] magnitude = [.. expected.Select(_ => 1.0)];
            BlobBuilder blob = Pool(OperationKind.GlobalAveragePool, c, h, w, slots);
            float[] largest = [.. x.Chunk(h * w).Select(map => map.Max())];
            BlobBuilder maxima = Pool(OperationKind.GlobalMaxPool, c, h, w, slots);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] y = KernelRun.Run(blob, set, x);
                KernelRun.AssertClose(expected, magnitude, y, $"seed {seed}, {c}x{h}x{w}, {slots}, {set}");
                SlotCase.AssertSameForWorkers(blob, set, y, x);
                Assert.Equal(largest, KernelRun.Run(maxima, set, x));
                SlotCase.AssertSameForWorkers(maxima, set, largest, x);
            }
        }
    }

    [Fact]
    public void What_lies_in_lanes_beyond_the_map_does_not_count()
    {
        // Without a frame those lanes hold what the relayout put there, then what a sigmoid makes of it: a half.
        var blob = new BlobBuilder();
        int input = SlotCase.Input(blob, "x", 1, 1, 5, Slots.Flat(4));
        int half = blob.Value("half", 1, 1, 5, Slots.Flat(4));
        int output = blob.Vector("y", 1);
        blob.Step("sigmoid", OperationKind.Activate, input, half, activation: Activation.Sigmoid);
        blob.Step("mean", OperationKind.GlobalAveragePool, half, output);
        blob.Output("y", output, 1, 1);
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([1f], KernelRun.Run(blob, set, [1000, 1000, 1000, 1000, 1000]));
        }
    }

    [Fact]
    public void Lanes_beyond_the_map_are_never_the_maximum()
    {
        // The sigmoid makes halves of the zeros there, and less of the pixels.
        var blob = new BlobBuilder();
        int input = SlotCase.Input(blob, "x", 1, 1, 5, Slots.Flat(4));
        int small = blob.Value("small", 1, 1, 5, Slots.Flat(4));
        int output = blob.Vector("y", 1);
        blob.Step("sigmoid", OperationKind.Activate, input, small, activation: Activation.Sigmoid);
        blob.Step("max", OperationKind.GlobalMaxPool, small, output);
        blob.Output("y", output, 1, 1);
        Assert.Equal([0f], KernelRun.Run(blob, Hardware.Best, [-1000, -1000, -1000, -1000, -1000]));
    }

    private static BlobBuilder Pool(OperationKind kind, int c, int h, int w, Slots slots)
    {
        var blob = new BlobBuilder();
        int input = SlotCase.Input(blob, "x", c, h, w, slots);
        int output = blob.Vector("y", c);
        blob.Step("pool", kind, input, output);
        blob.Output("y", output, 1, c, 1, 1);
        return blob;
    }
}
