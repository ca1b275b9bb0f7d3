using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class MagnitudePruningTests
{
    private static readonly Weight Sample = new("w", new TensorShape(8), [.1f, -.2f, .3f, -.4f, .05f, .6f, -.7f, .01f]);

    [Fact]
    public void The_deviation_is_the_populations() => Assert.Equal(0.378384725, MagnitudePruning.PopulationDeviation(Sample), 1e-6);

    [Theory]
    [InlineData(0.5, "01110110")]
    [InlineData(1.0, "00010110")]
    [InlineData(0.0, "11111111")]
    public void A_quality_parameter_prunes_below_its_share_of_the_deviation(double quality, string kept) =>
        Assert.Equal(kept, Text(MagnitudePruning.ByQuality(Sample, quality)));

    [Fact]
    public void The_deviation_of_a_later_round_is_over_the_survivors()
    {
        // Of −.2 .3 −.4 .6 −.7; with the zeros of the pruned ones it would be .374.
        Weight once = Sample.With(Sample.Values.Span, MagnitudePruning.ByQuality(Sample, 0.5));
        Assert.Equal(0.470744, MagnitudePruning.PopulationDeviation(once), 1e-6);
        Assert.Equal("00010110", Text(MagnitudePruning.ByQuality(once, 0.8)));
    }

    [Fact]
    public void A_deviation_of_zero_prunes_nothing()
    {
        Weight one = new("w", new TensorShape(1), [0.5f]);
        Assert.Equal([true], MagnitudePruning.ByQuality(one, 3));
        Weight equal = new("w", new TensorShape(3), [0.5f, 0.5f, 0.5f]);
        Assert.Equal([true, true, true], MagnitudePruning.ByQuality(equal, 3));
    }

    [Theory]
    [InlineData(8, "11111111")]
    [InlineData(5, "01110110")]
    [InlineData(1, "00000010")]
    [InlineData(0, "00000000")]
    public void A_count_keeps_exactly_so_many_of_the_largest(int count, string kept) =>
        Assert.Equal(kept, Text(MagnitudePruning.ByCount(Sample, count)));

    [Fact]
    public void Of_equal_magnitudes_the_first_stay()
    {
        Weight ties = new("w", new TensorShape(5), [1f, -1f, 2f, 1f, -1f]);
        Assert.Equal("11100", Text(MagnitudePruning.ByCount(ties, 3)));
    }

    [Fact]
    public void A_pruned_weight_takes_no_place_among_zeros_of_the_same_magnitude()
    {
        Weight zeros = new("w", new TensorShape(4), [0f, 0f, 2f, 0f], [false, true, true, true]);
        Assert.Equal("0110", Text(MagnitudePruning.ByCount(zeros, 2)));
    }

    [Fact]
    public void What_was_pruned_never_comes_back()
    {
        Weight half = new("w", new TensorShape(4), [0f, 0f, 1f, 2f], [true, false, true, true]);
        Assert.Equal("1011", Text(MagnitudePruning.ByCount(half, 4)));
        Assert.Equal("0011", Text(MagnitudePruning.ByQuality(half, 0.01)));
    }

    [Theory]
    [InlineData(0.4, "00101")]
    [InlineData(0.0, "11111")]
    [InlineData(1.0, "00000")]
    public void The_rule_of_woodfishers_code_drops_the_threshold_itself(double sparsity, string kept) =>
        Assert.Equal(kept, Text(MagnitudePruning.ByThresholdRule([.5f, .1f, .9f, .3f, .7f], sparsity)));

    [Theory]
    [InlineData(10, 0.25, 3)]
    [InlineData(1000, 0.0004, 0)]
    [InlineData(235200, 0.08, 18816)]
    public void A_density_rounds_to_whole_weights(int total, double density, int count) =>
        Assert.Equal(count, MagnitudePruning.CountAt(total, density));

    private static string Text(bool[] mask) => string.Concat(mask.Select(kept => kept ? '1' : '0'));
}
