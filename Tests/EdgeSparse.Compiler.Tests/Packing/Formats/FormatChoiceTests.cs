using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

public sealed class FormatChoiceTests
{
    private static readonly ChunkWindow OnePixel = ChunkWindow.Of(Window2d.Square(1));

    [Theory]
    [InlineData(16, 1.0, WeightLayout.Dense)]
    [InlineData(16, 0.3, WeightLayout.SlicedEll)]
    [InlineData(16, 0.05, WeightLayout.SlicedEll)]
    [InlineData(16, 0.002, WeightLayout.SlicedEll)]
    [InlineData(8, 1.0, WeightLayout.Dense)]
    [InlineData(8, 0.05, WeightLayout.SlicedEll)]
    [InlineData(4, 1.0, WeightLayout.Dense)]
    [InlineData(4, 0.05, WeightLayout.Csr)]
    public void A_fully_connected_layer_gets_the_format_that_was_fastest_at_its_density(int lanes, double density, WeightLayout expected)
    {
        FormatChoice choice = FormatChoice.ForLinear(Linear(300, 784, density), new PackOptions { Lanes = lanes });
        Assert.Equal(expected, choice.Layout);
        Assert.Matches(@"^predicted sliced-ell [\d.]+ µs, csr [\d.]+ µs, dense [\d.]+ µs", choice.Reason);
    }

    [Theory]
    [InlineData(16, 5, WeightLayout.Csc)]
    [InlineData(16, 19, WeightLayout.SlicedEll)]
    [InlineData(8, 10, WeightLayout.Csc)]
    [InlineData(8, 30, WeightLayout.SlicedEll)]
    [InlineData(4, 19, WeightLayout.Csc)]
    [InlineData(4, 50, WeightLayout.Csr)]
    public void Columns_are_chosen_where_few_inputs_are_not_zero_and_the_reason_says_how_many(int lanes, int percent, WeightLayout expected)
    {
        FormatChoice choice = FormatChoice.ForLinear(Linear(300, 784, 0.08), OfDigits(lanes, percent));
        Assert.Equal(expected, choice.Layout);
        Assert.Matches(
            $@"^predicted sliced-ell [\d.]+ µs, csc [\d.]+ µs, csr [\d.]+ µs, dense [\d.]+ µs; {percent} % of weights meet inputs that are not zero \(256 samples of digits\)$",
            choice.Reason);
    }

    [Fact]
    public void Columns_are_no_candidate_where_most_inputs_are_not_zero_or_the_costs_lack_them()
    {
        WeightMatrix layer = Linear(300, 784, 0.08);
        string without = FormatChoice.ForLinear(layer, new PackOptions { Lanes = 4 }).Reason;
        Assert.DoesNotContain("csc", without, StringComparison.Ordinal);
        Assert.Equal(without, FormatChoice.ForLinear(layer, OfDigits(4, 51)).Reason);
        KernelCosts costs = KernelCosts.ForLanes(4);
        PackOptions old = OfDigits(4, 5) with { Costs = costs with { Linear = costs.Linear.Remove("csc") } };
        Assert.Equal(without, FormatChoice.ForLinear(layer, old).Reason);
    }

    [Fact]
    public void The_cost_of_columns_counts_the_weights_of_inputs_that_are_not_zero()
    {
        KernelCosts costs = KernelCosts.ForLanes(8);
        costs = costs with { Linear = costs.Linear.SetItem("csc", new FormatCost(0.5, 0.25, 10)) };
        PackOptions options = OfDigits(8, 20) with { Costs = costs };
        options = options with { Formats = options.Formats.Add("layer", WeightLayout.Csc) };

        // 30·40 weights · 0.2 · 0.5 ns + 40 columns of one band · 0.25 ns + 10 ns; without the share, all weights.
        Assert.Equal(0.14, FormatChoice.ForLinear(Linear(30, 40, 1), options).PredictedMicroseconds);
        options = options with { NonZeroInputs = options.NonZeroInputs.Clear() };
        FormatChoice all = FormatChoice.ForLinear(Linear(30, 40, 1), options);
        Assert.Equal(0.62, all.PredictedMicroseconds);
        Assert.Matches("^asked for; predicted [^;]+$", all.Reason);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(7, 5)]
    [InlineData(8, 10)]
    [InlineData(19, 20)]
    [InlineData(50, 50)]
    public void Cost_tables_know_shares_in_steps_of_five_percent(int percent, int coarse) =>
        Assert.Equal($"{coarse} % of weights meet inputs that are not zero (1 sample of x)", new NonZeroInputs(percent, 1, "x").Coarse.ToString());

    [Fact]
    public void A_format_that_is_asked_for_is_given_and_the_reason_says_so()
    {
        PackOptions options = new();
        FormatChoice choice = FormatChoice.ForLinear(
            Linear(20, 30, 0.5), options with { Formats = options.Formats.Add("layer", WeightLayout.Csr) });
        Assert.Equal(WeightLayout.Csr, choice.Layout);
        Assert.StartsWith("asked for; predicted ", choice.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, WeightLayout.Csr)]
    [InlineData(4, 1, WeightLayout.Bsr4x1)]
    [InlineData(8, 1, WeightLayout.Bsr8x1)]
    [InlineData(4, 4, WeightLayout.Bsr4x4)]
    public void A_convolution_pruned_in_blocks_gets_their_format(int height, int width, WeightLayout expected)
    {
        FormatChoice choice = FormatChoice.ForConvolution(Convolution(256, 256, 0.1, height, width), OnePixel, 49, new PackOptions { Lanes = 16 });
        Assert.Equal(expected, choice.Layout);
    }

    [Theory]
    [InlineData(0.37, WeightLayout.Csr)]
    [InlineData(0.335, WeightLayout.Bsr1x4)]
    public void A_convolution_in_blocks_of_one_row_gets_them_when_they_are_as_fast_as_rows_for_they_are_smaller(double weight, WeightLayout expected)
    {
        KernelCosts costs = KernelCosts.ForLanes(16);
        costs = costs with
        {
            Convolution = costs.Convolution.SetItem("csr", new FormatCost(0.33, 0.75, 0)).SetItem("bsr-1x4", new FormatCost(weight, 0.75, 0)),
        };
        FormatChoice choice = FormatChoice.ForConvolution(
            Convolution(64, 64, 0.1, 1, 4), OnePixel, 49, new PackOptions { Lanes = 16, Costs = costs });
        Assert.Equal(expected, choice.Layout);
    }

    [Fact]
    public void A_convolution_in_blocks_of_one_row_takes_less_time_row_by_row() => Assert.Equal(
        WeightLayout.Csr,
        FormatChoice.ForConvolution(Convolution(64, 64, 0.1, 1, 4), OnePixel, 49, new PackOptions { Lanes = 16 }).Layout);

    [Fact]
    public void Blocks_are_no_candidates_for_a_mask_without_them() =>
        Assert.Matches(
            @"^predicted csr [\d.]+ µs, csr-delta8 [\d.]+ µs, dense [\d.]+ µs$",
            FormatChoice.ForConvolution(Convolution(64, 64, 0.1, 1, 1), OnePixel, 49, new PackOptions { Lanes = 16 }).Reason);

    [Theory]
    [InlineData(0.0281, WeightLayout.Dense)]
    [InlineData(0.026, WeightLayout.Bsr16x1)]
    public void A_fully_connected_layer_without_zeros_stays_dense_unless_another_format_is_cheaper_by_a_tenth(double weight, WeightLayout expected)
    {
        KernelCosts costs = KernelCosts.ForLanes(16);
        costs = costs with
        {
            Linear = costs.Linear.SetItem("dense", new FormatCost(0.03, 0, 0)).SetItem("bsr-16x1", new FormatCost(weight, 0, 0)),
        };
        Assert.Equal(expected, FormatChoice.ForLinear(Linear(32, 64, 1), new PackOptions { Lanes = 16, Costs = costs }).Layout);
    }

    [Fact]
    public void Costs_that_are_given_decide()
    {
        KernelCosts costs = KernelCosts.ForLanes(16);
        costs = costs with { Convolution = costs.Convolution.SetItem("dense", new FormatCost(0.001, 0.75, 0)) };
        FormatChoice choice = FormatChoice.ForConvolution(
            Convolution(64, 64, 0.1, 1, 1), OnePixel, 49, new PackOptions { Lanes = 16, Costs = costs });
        Assert.Equal(WeightLayout.Dense, choice.Layout);

        // (64·64 weights · 0.001 ns + 16 rows of blocks · 0.75 ns) · 49 slots.
        Assert.Equal(0.789, choice.PredictedMicroseconds);
    }

    [Fact]
    public void Only_formats_that_the_target_allows_are_chosen()
    {
        PackOptions options = new() { Lanes = 16, AllowedFormats = [WeightLayout.Csr, WeightLayout.Bsr4x1] };
        Assert.Equal(WeightLayout.Csr, FormatChoice.ForLinear(Linear(300, 784, 0.05), options).Layout);

        // A format that is asked for by name comes first.
        options = options with { Formats = options.Formats.Add("layer", WeightLayout.Dense) };
        Assert.Equal(WeightLayout.Dense, FormatChoice.ForLinear(Linear(300, 784, 0.05), options).Layout);
    }

    [Fact]
    public void A_layer_that_fits_no_allowed_format_is_refused_with_those_that_it_fits() =>
        Assert.Equal(
            "layer 'layer' fits none of the formats that the target allows (depthwise); allow one of csr, csr-delta8, dense",
            Assert.Throws<PackingException>(() => FormatChoice.ForConvolution(
                Convolution(64, 64, 0.1, 1, 1), OnePixel, 49, new PackOptions { Lanes = 16, AllowedFormats = [WeightLayout.Depthwise] })).Message);

    private static PackOptions OfDigits(int lanes, int percent)
    {
        PackOptions options = new() { Lanes = lanes };
        return options with { NonZeroInputs = options.NonZeroInputs.Add("layer", new NonZeroInputs(percent, 256, "digits")) };
    }

    private static WeightMatrix Convolution(int rows, int channels, double density, int height, int width)
    {
        Random random = new(5);
        float[] values = new float[rows * channels];
        for (int row = 0; row < rows; row += height)
        {
            for (int channel = 0; channel < channels; channel += width)
            {
                bool kept = random.NextDouble() < density;
                for (int i = 0; i < height * width; i++)
                {
                    values[((row + (i / width)) * channels) + channel + (i % width)] = kept ? 1 : 0;
                }
            }
        }

        Weight weight = new("w", new TensorShape(rows, channels, 1, 1), values);
        return new WeightMatrix("layer", weight, new float[rows], 1, [.. Enumerable.Range(0, channels).Select(i => (uint)i * 16 * 7)])
        {
            IsConvolution = true,
            ColumnStride = 16 * 7,
            IndexUnit = 16,
        };
    }

    private static WeightMatrix Linear(int rows, int columns, double density)
    {
        Random random = new(3);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextDouble() < density ? 1 : 0;
        }

        return new WeightMatrix(
            "layer", new Weight("w", new TensorShape(rows, columns), values), new float[rows], 1,
            [.. Enumerable.Range(0, columns).Select(i => (uint)i)]);
    }
}
