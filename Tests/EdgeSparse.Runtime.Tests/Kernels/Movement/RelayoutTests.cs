using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class RelayoutTests
{
    /// <summary>The run's checks see to the frames.</summary>
    [Fact]
    public void Pixels_go_from_any_layout_by_way_of_any_other_and_back()
    {
        for (int seed = 0; seed < KernelRun.Cases(300); seed++)
        {
            var random = new Random(seed);
            (int c, int h, int w) = (SparseCase.Pick(random, 1, 3, 17), random.Next(1, 24), random.Next(1, SparseCase.Pick(random, 5, 70)));
            float[] x = SparseCase.Values(random, c * h * w);
            var blob = new BlobBuilder();
            int first = SlotCase.Input(blob, "x", c, h, w, SlotCase.Vary(random, SlotCase.Any(random)));
            int second = blob.Value("second", c, h, w, SlotCase.Vary(random, SlotCase.Any(random)));
            blob.Step("copy", OperationKind.Relayout, first, second);
            SlotCase.Output(blob, second);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                Assert.Equal(x, KernelRun.Run(blob, set, x));
                SlotCase.AssertSameForWorkers(blob, set, x, x);
            }
        }
    }

    [Fact]
    public void Pixels_of_the_last_lanes_may_lie_in_the_halo()
    {
        for (int seed = 0; seed < KernelRun.Cases(100); seed++)
        {
            var random = new Random(seed);
            Slots slots = SlotCase.Grid(random) with
            {
                RegionY = random.Next(1, 5),
                RegionX = random.Next(1, 9),
                Bottom = random.Next(1, 4),
                Right = random.Next(1, 4),
                Frame = SparseCase.Pick(random, Frame.Zero, Frame.Lowest),
                ChannelsOutside = random.Next(2) == 0,
            };
            int h = (slots.GridY * slots.RegionY) + random.Next(slots.Bottom + 1);
            int w = (slots.GridX * slots.RegionX) + random.Next(slots.Right + 1);
            float[] x = SparseCase.Values(random, 3 * h * w);
            var blob = new BlobBuilder();
            SlotCase.Output(blob, SlotCase.Input(blob, "x", 3, h, w, slots));
            Assert.Equal(x, KernelRun.Run(blob, Hardware.Best, x));
        }
    }

    [Fact]
    public void A_planar_side_of_another_shape_is_taken_in_row_major_order()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            (int c, int h, int w) = (random.Next(1, 5), random.Next(1, 9), random.Next(1, 20));
            float[] x = SparseCase.Values(random, c * h * w);
            var blob = new BlobBuilder();
            int vector = blob.Vector("x", c * h * w);
            int slots = blob.Value("slots", c, h, w, SlotCase.Vary(random, SlotCase.Any(random)));
            int back = blob.Value("y", 1, h * c, w);
            blob.Input("x", vector, 1, c * h * w);
            blob.Output("y", back, 1, 1, h * c, w);
            blob.Step("lay", OperationKind.Relayout, vector, slots);
            blob.Step("flatten", OperationKind.Relayout, slots, back);
            Assert.Equal(x, KernelRun.Run(blob, Hardware.Best, x));
        }
    }

    [Fact]
    public void Frames_have_pixels_of_neighbouring_lanes_and_else_their_number()
    {
        var blob = new BlobBuilder();
        Slots slots = Slots.Grid(2, 2) with { Left = 1, Right = 1, Frame = Frame.Lowest };
        int value = SlotCase.Input(blob, "x", 1, 2, 5, slots);
        SlotCase.Output(blob, value);
        float[] x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        float[] y = KernelRun.Run(blob, Hardware.Best, x);
        Assert.Equal(x, y);

        // Region 1x3: lanes begin at pixels 1 and 4 of the first row, 6 and 9 of the second; a halo slot on either side.
        const float low = float.NegativeInfinity;
        float[] expected = [low, 3, low, 8, 1, 4, 6, 9, 2, 5, 7, 10, 3, low, 8, low, 4, low, 9, low];
        Assert.Equal(expected, KernelRun.Elements(blob, value, Hardware.Best, x).Take(20));
    }
}
