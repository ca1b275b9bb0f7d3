using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class LinearTests
{
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(6, 1, 4)]
    [InlineData(6, 4, 1)]
    [InlineData(6, 8, 1)]
    [InlineData(6, 16, 1)]
    [InlineData(6, 4, 4)]
    [InlineData(7, 1, 4)]
    [InlineData(7, 4, 1)]
    [InlineData(7, 8, 1)]
    [InlineData(7, 16, 1)]
    [InlineData(7, 4, 4)]
    [InlineData(8, 2, 4)]
    [InlineData(8, 4, 8)]
    [InlineData(10, 1, 0)]
    [InlineData(10, 37, 0)]
    [InlineData(10, 64, 0)]
    [InlineData(10, 65536, 0)]
    public void Linear_agrees_with_a_reference_in_double_precision_and_every_number_of_workers_gives_the_same_bits(
        int format, int rowsOfBlock, int columnsOfBlock) =>
        AssertAgrees(seed => LinearCase.Random(seed, (WeightFormat)format, rowsOfBlock, columnsOfBlock));

    [Theory]
    [InlineData(16, 64, 4)]
    [InlineData(16, 64, 1)]
    [InlineData(16, 32, 1)]
    [InlineData(16, 32, 2)]
    [InlineData(16, 32, 3)]
    [InlineData(8, 16, 2)]
    [InlineData(4, 8, 8)]
    [InlineData(12, 256, 2)]
    [InlineData(3, 5, 1)]
    [InlineData(64, 1, 1)]
    public void Sliced_ell_agrees_with_the_reference_for_any_lanes_window_and_unit_and_any_number_of_workers(int lanes, int window, int entries) =>
        AssertAgrees(seed => LinearCase.Random(seed, WeightFormat.SlicedEll, lanes, window, entries));

    [Fact]
    public void Linear_reads_planes_that_lie_one_after_the_other_in_row_major_order()
    {
        var blob = new BlobBuilder();
        int input = blob.Value("x", 2, 1, 2);
        int output = blob.Value("y", 1, 1, 2);
        var record = new WeightRecord { Format = WeightFormat.Dense, Rows = 2, Columns = 4, Groups = 1, NonZeros = 5 };
        int weight = blob.Weight("w", record, [1, 10, 100, 1000, 0, 0, 0, 2], null, null, [0.5f, -1]);
        blob.Input("x", input, 1, 2, 1, 2);
        blob.Output("y", output, 1, 2);
        blob.Step("fc", OperationKind.Linear, input, output, weight: weight);
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([4321.5f, 7f], KernelRun.Run(blob, set, [1, 2, 3, 4]));
        }
    }

    [Fact]
    public void A_column_whose_input_is_zero_is_left_out_and_one_whose_input_is_no_number_is_not()
    {
        var blob = new BlobBuilder();
        int input = blob.Vector("x", 3);
        int output = blob.Vector("y", 2);
        var record = new WeightRecord { Format = WeightFormat.Csc16, Rows = 2, Columns = 3, Groups = 1, NonZeros = 3, BlockRows = 2 };

        // What no packer writes shows that the weight is not read: an infinite one times zero would be NaN.
        int weight = blob.Weight(
            "w", record, [float.PositiveInfinity, 2, 3], new ushort[] { 0, 0, 1 }, [0, 1, 2, 3], [0.5f, -1]);
        blob.Input("x", input, 1, 3);
        blob.Output("y", output, 1, 2);
        blob.Step("fc", OperationKind.Linear, input, output, weight: weight);
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([8.5f, 14f], KernelRun.Run(blob, set, [0, 4, 5]));
            Assert.Equal([8.5f, 14f], KernelRun.Run(blob, set, [-0f, 4, 5]));
            Assert.Equal([8.5f, float.NaN], KernelRun.Run(blob, set, [0, 4, float.NaN]));
        }
    }

    [Theory]
    [InlineData(6, 4, 1, "linear-bsr16-4x1-")]
    [InlineData(8, 2, 4, "linear-2of4-")]
    [InlineData(10, 32, 0, "linear-csc16-4-scalar")]
    [InlineData(4, 16, 32, "linear-sliced-ell-16x32-")]
    public void A_weight_is_run_by_the_kernel_for_its_blocks(int format, int rows, int columns, string name)
    {
        LinearCase layer = LinearCase.Random(1, (WeightFormat)format, rows, columns);
        using Model model = Model.FromBytes(layer.Blob.Build(), InstructionSet.Vector128);
        if (!Hardware.HasVector128 && format == (int)WeightFormat.SlicedEll)
        {
            name = "linear-sliced-ell-any-scalar";
        }

        Assert.StartsWith(name, model.Layers[0].Kernel, StringComparison.Ordinal);
    }

    private static void AssertAgrees(Func<int, LinearCase> make)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            LinearCase layer = make(seed);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] actual = KernelRun.Run(layer.Blob, set, layer.Inputs);
                KernelRun.AssertClose(layer.Expected, layer.Magnitude, actual, $"seed {seed}, {layer}, {set}");
                foreach (int workers in (int[])[2, 3])
                {
                    Assert.Equal(actual, WorkerRun.Run(layer.Blob, set, workers, layer.Inputs));
                }
            }
        }
    }
}
