using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class PoolingTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Pooling_agrees_with_a_reference_in_double_precision_whatever_the_window(bool average, bool countPadding)
    {
        int run = 0;
        for (int seed = 0; run < KernelRun.Cases(200); seed++)
        {
            var random = new Random(seed);
            var window = new OperationRecord
            {
                KernelY = random.Next(1, 5),
                KernelX = random.Next(1, 5),
                StrideY = random.Next(1, 4),
                StrideX = random.Next(1, 4),
                DilationY = SparseCase.Pick(random, 1, 1, 2),
                DilationX = SparseCase.Pick(random, 1, 1, 2),
                CountIncludePad = countPadding ? 1 : 0,
            };
            if (seed % 4 == 0)
            {
                // The usual window has a kernel of its own.
                (window.KernelY, window.KernelX, window.StrideY, window.StrideX, window.DilationY, window.DilationX) = (2, 2, 2, 2, 1, 1);
            }

            window.PadTop = seed % 4 == 0 ? 0 : random.Next(window.KernelY);
            window.PadBottom = random.Next(window.KernelY);
            window.PadLeft = seed % 4 == 0 ? 0 : random.Next(window.KernelX);
            window.PadRight = random.Next(window.KernelX);
            int channels = random.Next(1, 4);
            int height = random.Next(1, 12);
            int width = random.Next(1, SparseCase.Pick(random, 5, 40));
            bool ceil = random.Next(3) == 0;
            int outHeight = OutLength(height, window.KernelY, window.StrideY, window.PadTop, window.PadBottom, window.DilationY, ceil);
            int outWidth = OutLength(width, window.KernelX, window.StrideX, window.PadLeft, window.PadRight, window.DilationX, ceil);
            var shape = (channels, height, width, outHeight, outWidth);
            float[] x = SparseCase.Values(random, channels * height * width);
            if (outHeight < 1 || outWidth < 1 || Reference(x, shape, window, average) is not { } expected)
            {
                continue;
            }

            run++;
            var blob = new BlobBuilder();
            Slots slots = SlotCase.Grid(random);
            int regionY = (outHeight + slots.GridY - 1) / slots.GridY;
            int regionX = (outWidth + slots.GridX - 1) / slots.GridX;
            Slots inputSlots = slots with
            {
                RegionY = regionY * window.StrideY,
                RegionX = regionX * window.StrideX,
                Top = window.PadTop,
                Left = window.PadLeft,
                Bottom = Halo(height, slots.GridY, regionY, window.KernelY, window.StrideY, window.PadTop, window.DilationY),
                Right = Halo(width, slots.GridX, regionX, window.KernelX, window.StrideX, window.PadLeft, window.DilationX),
                Frame = average ? Frame.Zero : Frame.Lowest,
                ChannelsOutside = random.Next(2) == 0,
            };
            int input = SlotCase.Input(blob, "x", channels, height, width, inputSlots);
            int output = blob.Value("y", channels, outHeight, outWidth, SlotCase.Vary(random, slots));
            blob.Step("pool", average ? OperationKind.AveragePool : OperationKind.MaxPool, input, output, window);
            SlotCase.Output(blob, output);
            double[] magnitude = [.. expected.Select(_ => 1.0)];
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] y = KernelRun.Run(blob, set, x);
                KernelRun.AssertClose(expected, magnitude, y, $"seed {seed}, {shape}, {slots}, {set}");
                SlotCase.AssertSameForWorkers(blob, set, y, x);
            }
        }
    }

    [Fact]
    public void An_average_with_counted_padding_divides_by_the_padded_window_but_not_by_what_lies_beyond()
    {
        var blob = new BlobBuilder();
        int input = SlotCase.Input(blob, "x", 1, 1, 3, Slots.Grid(1, 4) with { RegionX = 3, Left = 1, Frame = Frame.Zero });
        int output = blob.Value("y", 1, 1, 2, Slots.Grid(1, 4));

        // Windows over [pad 1 2 | 3 end]: the second one reaches beyond the right padding of 0.
        var window = new OperationRecord
        {
            KernelY = 1,
            KernelX = 3,
            StrideY = 1,
            StrideX = 3,
            PadLeft = 1,
            DilationY = 1,
            DilationX = 1,
            CountIncludePad = 1,
        };
        blob.Step("pool", OperationKind.AveragePool, input, output, window);
        SlotCase.Output(blob, output);
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([3f, 9f], KernelRun.Run(blob, set, [3, 6, 9]));
        }
    }

    [Fact]
    public void A_maximum_of_negative_pixels_is_not_raised_by_padding()
    {
        var blob = new BlobBuilder();
        int input = SlotCase.Input(blob, "x", 1, 2, 2, Slots.Grid(2, 2, 3, Frame.Lowest));
        int output = blob.Value("y", 1, 1, 1, Slots.Grid(2, 2));
        var window = new OperationRecord
        {
            KernelY = 4,
            KernelX = 4,
            StrideY = 1,
            StrideX = 1,
            PadTop = 1,
            PadLeft = 1,
            PadBottom = 1,
            PadRight = 1,
            DilationY = 1,
            DilationX = 1,
        };
        blob.Step("pool", OperationKind.MaxPool, input, output, window);
        SlotCase.Output(blob, output);
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([-2f], KernelRun.Run(blob, set, [-5, -4, -3, -2]));
        }
    }

    /// <summary>Slots after the region that windows reach, or that the last lane's pixels need.</summary>
    private static int Halo(int length, int grid, int region, int kernel, int stride, int pad, int dilation)
    {
        int reach = ((region - 1) * stride) - pad + ((kernel - 1) * dilation) + 1 - (region * stride);
        return Math.Max(0, Math.Max(reach, length - (grid * region * stride)));
    }

    private static int OutLength(int input, int kernel, int stride, int before, int after, int dilation, bool ceil)
    {
        int span = input + before + after - (dilation * (kernel - 1)) - 1;
        if (span < 0)
        {
            return 0;
        }

        int output = (span / stride) + 1;
        return ceil && span % stride != 0 && output * stride < input + before ? output + 1 : output;
    }

    /// <summary>Null when a window has no pixel, which the reader refuses.</summary>
    private static double[]? Reference(
        float[] x, (int Channels, int Height, int Width, int OutHeight, int OutWidth) s, OperationRecord w, bool average)
    {
        double[] expected = new double[s.Channels * s.OutHeight * s.OutWidth];
        for (int i = 0; i < expected.Length; i++)
        {
            int startY = (i / s.OutWidth % s.OutHeight * w.StrideY) - w.PadTop;
            int startX = (i % s.OutWidth * w.StrideX) - w.PadLeft;
            int channel = i / (s.OutWidth * s.OutHeight);
            double sum = 0;
            double largest = double.NegativeInfinity;
            int pixels = 0;
            int padded = 0;
            for (int k = 0; k < w.KernelY * w.KernelX; k++)
            {
                int py = startY + (k / w.KernelX * w.DilationY);
                int px = startX + (k % w.KernelX * w.DilationX);
                padded += py < s.Height + w.PadBottom && px < s.Width + w.PadRight ? 1 : 0;
                if (py >= 0 && py < s.Height && px >= 0 && px < s.Width)
                {
                    float value = x[(((channel * s.Height) + py) * s.Width) + px];
                    sum += value;
                    largest = Math.Max(largest, value);
                    pixels++;
                }
            }

            if (pixels == 0)
            {
                return null;
            }

            expected[i] = average ? sum / (w.CountIncludePad == 1 ? padded : pixels) : largest;
        }

        return expected;
    }
}
