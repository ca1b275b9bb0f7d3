using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;

namespace EdgeSparse.Compiler.Tests.Pruning;

/// <summary>Worked examples; masks are written row by row.</summary>
public sealed class GranularPruningTests
{
    [Theory]
    [InlineData(1 / 6.0, "000011 000000")]
    [InlineData(0.5, "111111 000000")]
    [InlineData(10 / 12.0, "111111 111100")]
    [InlineData(1.0, "111111 111111")]
    public void Blocks_of_1x4_run_along_inputs_and_a_short_one_is_judged_by_its_mean(double density, string kept)
    {
        // Mean squares 1 and 1.44 (though its sum is less), then 1 and 0.25; of the two equal blocks the first stays.
        LayerSample layer = LayerSample.Linear(
            2,
            1f, 1f, 1f, 1f, 1.2f, 1.2f,
            2f, 0f, 0f, 0f, 0.5f, 0.5f);
        Assert.Equal(kept, Text(layer, Granularity.Block1x4, density));
    }

    [Fact]
    public void Blocks_of_4x1_run_along_outputs()
    {
        // Mean squares: outputs 0 to 3: 1 and 1; output 4: 9 and 0.25.
        LayerSample layer = LayerSample.Linear(
            5,
            1f, 0f,
            1f, 2f,
            -1f, 0f,
            1f, 0f,
            3f, 0.5f);
        Assert.Equal("10 10 10 10 10", Text(layer, Granularity.Block4x1, 0.5));
        Assert.Equal("00 00 00 00 10", Text(layer, Granularity.Block4x1, 0.1));
        Assert.Equal("11 11 11 11 10", Text(layer, Granularity.Block4x1, 0.9));
    }

    [Fact]
    public void Blocks_of_8x1_take_eight_outputs()
    {
        // Mean squares: 0.25 and 0.045; output 8: 0.16 and 0.49.
        LayerSample layer = LayerSample.Linear(
            9,
            .5f, .6f,
            .5f, 0f,
            .5f, 0f,
            .5f, 0f,
            .5f, 0f,
            .5f, 0f,
            .5f, 0f,
            .5f, 0f,
            .4f, .7f);
        Assert.Equal("10 10 10 10 10 10 10 10 01", Text(layer, Granularity.Block8x1, 0.5));
        Assert.Equal("10 10 10 10 10 10 10 10 11", Text(layer, Granularity.Block8x1, 10 / 18.0));
    }

    [Theory]
    [InlineData(0.5, "10")]
    [InlineData(0.7, "10")]
    [InlineData(0.75, "11")]
    public void Blocks_of_16x1_take_sixteen_outputs_and_the_nearest_count_the_larger_of_two_equally_near(double density, string everyRow)
    {
        // Mean squares 1 and 9/16.
        LayerSample layer = LayerSample.Linear(
            16,
            1f, 3f,
            -1f, 0f,
            1f, 0f,
            -1f, 0f,
            1f, 0f,
            -1f, 0f,
            1f, 0f,
            -1f, 0f,
            1f, 0f,
            -1f, 0f,
            1f, 0f,
            -1f, 0f,
            1f, 0f,
            -1f, 0f,
            1f, 0f,
            -1f, 0f);
        Assert.Equal(string.Join(' ', Enumerable.Repeat(everyRow, 16)), Text(layer, Granularity.Block16x1, density));
    }

    [Fact]
    public void Blocks_of_4x4_take_four_outputs_by_four_inputs()
    {
        // Mean squares 1 and 15.21/16; the last output has blocks of its own with 4 and 0.04.
        LayerSample layer = LayerSample.Linear(
            5,
            1f, -1f, 1f, 1f, 0f, 0f, 0f, 0f,
            1f, 1f, 1f, -1f, 0f, 3.9f, 0f, 0f,
            1f, 1f, -1f, 1f, 0f, 0f, 0f, 0f,
            -1f, 1f, 1f, 1f, 0f, 0f, 0f, 0f,
            2f, 2f, 2f, -2f, .2f, .2f, .2f, .2f);
        Assert.Equal("11110000 11110000 11110000 11110000 11110000", Text(layer, Granularity.Block4x4, 0.5));
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.5)]
    public void Of_each_four_inputs_two_stay_whatever_the_density_below(double density)
    {
        // The last group has three, of which ⌈2·3/4⌉ = 2 stay; of four equal ones the first two.
        LayerSample layer = LayerSample.Linear(
            2,
            .1f, -.5f, .3f, .2f, .9f, -.8f, .7f,
            1f, -1f, 1f, 1f, .1f, .2f, -.3f);
        Assert.Equal("0110110 1100011", Text(layer, Granularity.TwoOfFour, density));
    }

    [Fact]
    public void Of_each_eight_inputs_four_stay()
    {
        LayerSample layer = LayerSample.Linear(1, 8f, 1f, 7f, 2f, 6f, 3f, 5f, 4f, 1f, 2f, 3f);
        Assert.Equal("10101010011", Text(layer, Granularity.FourOfEight, 0.5));
    }

    [Fact]
    public void On_the_way_to_2_of_4_three_of_four_stay()
    {
        LayerSample layer = LayerSample.Linear(1, .1f, -.5f, .3f, .2f, .9f, -.8f);
        Assert.Equal("011111", Text(layer, Granularity.TwoOfFour, 0.7));
    }

    [Fact]
    public void Blocks_of_a_convolution_run_along_channels_at_one_kernel_position()
    {
        // Kernel 1×2, written channel by channel. Mean squares by position: output 0: 6.25 and 1; output 1: 0 and 4.
        LayerSample layer = LayerSample.Conv(
            new TensorShape(2, 4, 1, 2), groups: 1,
            5f, 1f, 0f, 1f, 0f, 1f, 0f, 1f,
            0f, 2f, 0f, 2f, 0f, 2f, 0f, 2f);
        Assert.Equal("10101010 01010101", Text(layer, Granularity.Block1x4, 0.5));
    }

    [Fact]
    public void Groups_of_N_in_M_of_a_convolution_run_along_channels_at_one_kernel_position()
    {
        LayerSample layer = LayerSample.Conv(new TensorShape(1, 4, 1, 2), groups: 1, 4f, 1f, 3f, 2f, 2f, 3f, 1f, 4f);
        Assert.Equal("10100101", Text(layer, Granularity.TwoOfFour, 0.5));
    }

    [Fact]
    public void Blocks_stay_within_their_group_of_a_grouped_convolution()
    {
        // Three outputs a group: blocks of 3, with mean squares 1, 0 and 0, 4/3.
        LayerSample layer = LayerSample.Conv(
            new TensorShape(6, 2, 1, 1), groups: 2,
            1f, 0f, 1f, 0f, 1f, 0f,
            0f, 2f, 0f, 0f, 0f, 0f);
        Assert.Equal("00 00 00 01 01 01", Text(layer, Granularity.Block4x1, 0.25));
        Assert.Equal("10 10 10 01 01 01", Text(layer, Granularity.Block4x1, 0.5));
    }

    [Fact]
    public void What_was_pruned_counts_as_zero_and_never_comes_back()
    {
        // Mean squares 12/4 and 3.61.
        LayerSample layer = LayerSample.Linear(4, 2f, 1.9f, 2f, 1.9f, 2f, 1.9f, 2f, 1.9f).Masked([false, true, true, true, true, true, true, true]);
        Assert.Equal("01 01 01 01", Text(layer, Granularity.Block4x1, 0.5));
        Assert.Equal("01 11 11 11", Text(layer, Granularity.Block4x1, 1));
    }

    [Fact]
    public void A_threshold_prunes_blocks_at_or_below_it()
    {
        // Mean 0, so the deviation is √(40/8) = 2.236; roots of mean squares 1 and 3.
        LayerSample layer = LayerSample.Linear(4, 1f, 3f, -1f, -3f, 1f, 3f, -1f, -3f);
        Assert.Equal("11 11 11 11", Text(layer, GranularPruning.ByQuality(layer.Node, layer.Weight, Granularity.Block4x1, 0.44)));
        Assert.Equal("01 01 01 01", Text(layer, GranularPruning.ByQuality(layer.Node, layer.Weight, Granularity.Block4x1, 0.45)));
        Assert.Equal("01 01 01 01", Text(layer, GranularPruning.ByQuality(layer.Node, layer.Weight, Granularity.Block4x1, 1.34)));
        Assert.Equal("00 00 00 00", Text(layer, GranularPruning.ByQuality(layer.Node, layer.Weight, Granularity.Block4x1, 1.35)));
    }

    [Fact]
    public void A_threshold_for_N_in_M_is_refused()
    {
        LayerSample layer = LayerSample.Linear(1, 1f, 2f, 3f, 4f);
        Assert.Equal(
            "layer 'fc' cannot be pruned by quality in the granularity 2:4",
            Assert.Throws<PruningException>(() => GranularPruning.ByQuality(layer.Node, layer.Weight, Granularity.TwoOfFour, 1)).Message);
    }

    private static string Text(LayerSample layer, Granularity granularity, double density) =>
        Text(layer, GranularPruning.ByDensity(layer.Node, layer.Weight, granularity, density));

    private static string Text(LayerSample layer, bool[] mask) =>
        string.Join(' ', mask.Select(kept => kept ? '1' : '0').Chunk(mask.Length / layer.Weight.Shape[0]).Select(row => new string(row)));
}
