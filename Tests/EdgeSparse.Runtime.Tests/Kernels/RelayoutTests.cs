using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class RelayoutTests
{
    [Fact]
    public void Relayout_keeps_every_pixel_and_takes_a_contiguous_side_in_row_major_order()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            (int c, int h, int w) = (random.Next(1, 5), random.Next(1, 6), random.Next(1, 40));
            float[] x = SparseCase.Values(random, c * h * w);
            Layout padded = new() { Left = random.Next(3), Right = random.Next(3), Top = random.Next(2), PlaneExtra = 3, ZeroBorder = true };
            var blob = new BlobBuilder();
            bool fromVector = random.Next(2) == 0;
            int planes = blob.Value("planes", c, h, w, padded);
            int vector = blob.Vector("vector", c * h * w);
            (int input, int output) = fromVector ? (vector, planes) : (planes, vector);
            blob.Input("x", input, 1, c * h * w);
            blob.Output("y", output, 1, c * h * w);
            blob.Step("copy", OperationKind.Relayout, input, output);
            Assert.Equal(x, KernelRun.Run(blob, Hardware.Best, x));
        }
    }

    [Fact]
    public void Phases_of_a_four_by_three_plane_padded_by_one_are_these()
    {
        var blob = new BlobBuilder();
        int input = blob.Value("x", 1, 4, 3);
        int output = blob.Value("y", 4, 3, 2, new Layout { Right = 1 });
        blob.Input("x", input, 1, 1, 4, 3);
        blob.Output("y", output, 1, 4, 3, 2);
        var split = new OperationRecord { StrideY = 2, StrideX = 2, PadTop = 1, PadLeft = 1 };
        blob.Step("split", OperationKind.SplitPhases, input, output, split);
        float[] y = KernelRun.Run(blob, Hardware.Best, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

        // Padded rows: 0 0 0 0 | 0 1 2 3 | 0 4 5 6 | 0 7 8 9 | 0 10 11 12; phase (0, 0) takes its even rows and columns.
        float[] expected =
        [
            0, 0, 0, 5, 0, 11,
            0, 0, 4, 6, 10, 12,
            0, 2, 0, 8, 0, 0,
            1, 3, 7, 9, 0, 0,
        ];
        Assert.Equal(expected, y);
    }

    [Fact]
    public void Source_pixels_outside_the_output_of_a_split_are_dropped()
    {
        var blob = new BlobBuilder();
        int input = blob.Value("x", 1, 3, 5);
        int output = blob.Value("y", 4, 1, 2);
        blob.Input("x", input, 1, 1, 3, 5);
        blob.Output("y", output, 1, 4, 1, 2);
        blob.Step("split", OperationKind.SplitPhases, input, output, new OperationRecord { StrideY = 2, StrideX = 2 });
        float[] y = KernelRun.Run(blob, Hardware.Best, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        Assert.Equal([1f, 3, 2, 4, 6, 8, 7, 9], y);
    }

    [Fact]
    public void A_border_that_other_values_have_dirtied_is_zero_again_when_its_value_is_written()
    {
        // The padded value shares its memory with the input, which is dead by then; the second copy moves border and all.
        var blob = new BlobBuilder();
        int input = blob.Value("x", 1, 4, 4);
        int middle = blob.Value("middle", 1, 2, 2);
        int padded = blob.Value("padded", 1, 2, 2, new Layout { Top = 1, Left = 1, Right = 1, Bottom = 1, ZeroBorder = true });
        int output = blob.Value("y", 1, 4, 4);
        ValueRecord record = blob.Values[padded];
        record.ArenaOffset = blob.Values[input].ArenaOffset;
        blob.Values[padded] = record;
        blob.Input("x", input, 1, 1, 4, 4);
        blob.Output("y", output, 1, 1, 4, 4);
        var pool = new OperationRecord { KernelY = 2, KernelX = 2, StrideY = 2, StrideX = 2, DilationY = 1, DilationX = 1 };
        blob.Step("pool", OperationKind.MaxPool, input, middle, pool);
        blob.Step("pad", OperationKind.Relayout, middle, padded);
        var ones = new WeightRecord { Format = WeightFormat.Csr16, Rows = 1, Columns = 1, Groups = 1, NonZeros = 1 };
        int weight = blob.Weight("one", ones, [1], new ushort[] { 0 }, [0, 1], [0]);
        var window = new OperationRecord { KernelY = 1, KernelX = 1, StrideY = 1, StrideX = 1, DilationY = 1, DilationX = 1 };
        blob.Step("conv", OperationKind.Conv2d, padded, output, window, weight);
        float[] x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        using Model model = Model.FromBytes(blob.Build());
        using Session session = model.CreateSession();
        for (int run = 0; run < 2; run++)
        {
            float[] y = new float[16];
            session.Run(x, y);
            Assert.Equal([0f, 0, 0, 0, 0, 6, 8, 0, 0, 14, 16, 0, 0, 0, 0, 0], y);
        }
    }
}
