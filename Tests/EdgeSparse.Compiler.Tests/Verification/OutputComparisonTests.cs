using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Compiler.Tests.Verification;

public sealed class OutputComparisonTests
{
    [Fact]
    public void Equal_outputs_agree()
    {
        var comparison = OutputComparison.Of([1f, 3f, -2f], [1f, 3f, -2f]);
        Assert.Equal(new OutputComparison(Agreement.Same, 0, 0, 1, 1), comparison);
    }

    [Fact]
    public void A_difference_is_measured_against_the_largest_output_of_the_sample()
    {
        var comparison = OutputComparison.Of([0.5f, 8f], [0.5f, 8.0005f]);
        Assert.Equal(Agreement.Same, comparison.Agreement);
        Assert.Equal(0.0005, comparison.Absolute, 1e-6);
        Assert.Equal(0.0005 / 8.0005, comparison.Relative, 1e-7);
    }

    [Fact]
    public void A_difference_above_one_in_ten_thousand_is_a_mismatch()
    {
        Assert.Equal(Agreement.Mismatch, OutputComparison.Of([0.5f, 8.001f], [0.5f, 8f]).Agreement);
        Assert.Equal(Agreement.Same, OutputComparison.Of([0.5f, 8.0007f], [0.5f, 8f]).Agreement);
    }

    [Fact]
    public void Outputs_near_zero_are_measured_against_a_thousandth()
    {
        Assert.Equal(Agreement.Same, OutputComparison.Of([2e-7f, 1e-7f], [2.5e-7f, 1e-7f]).Agreement);
        Assert.Equal(Agreement.Mismatch, OutputComparison.Of([2e-7f, 1e-7f], [4e-7f, 1e-7f]).Agreement);
    }

    [Fact]
    public void Another_prediction_is_a_tie_only_where_the_reference_hardly_prefers_its_own()
    {
        Assert.Equal(Agreement.Tie, OutputComparison.Of([5.00002f, 5f], [5f, 5.00005f]).Agreement);

        // Within the relative tolerance, but the reference's gap of 0.0003 is no tie.
        Assert.Equal(Agreement.Mismatch, OutputComparison.Of([5.0004f, 5f], [5f, 5.0003f]).Agreement);
    }

    [Theory]
    [InlineData(float.NaN, 1f)]
    [InlineData(1f, float.NaN)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    public void Outputs_that_are_not_finite_never_agree(float output, float reference)
    {
        var comparison = OutputComparison.Of([0f, output], [0f, reference]);
        Assert.Equal(Agreement.Mismatch, comparison.Agreement);
        Assert.False(double.IsFinite(comparison.Relative));
    }
}
