using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Tuning;

public sealed class NonNegativeLeastSquaresTests
{
    [Fact]
    public void An_exact_solution_is_found() => AssertNear(
        [2, 0.5, 7],
        NonNegativeLeastSquares.Solve(
            [[1, 10, 1], [5, 1, 1], [20, 3, 1], [2, 2, 1], [100, 50, 1]],
            [2 + 5 + 7, 10 + 0.5 + 7, 40 + 1.5 + 7, 4 + 1 + 7, 200 + 25 + 7]));

    [Fact]
    public void A_coefficient_that_would_be_negative_is_zero_and_the_others_fit_without_it() =>
        // Free minimum of (x + y − 1)² + (x − 2)²: x = 2, y = −1. With y = 0 the mean of 1 and 2.
        AssertNear([1.5, 0], NonNegativeLeastSquares.Solve([[1, 1], [1, 0]], [1, 2]));

    [Fact]
    public void Columns_that_depend_on_one_another_get_one_coefficient() =>
        AssertNear([3, 0], NonNegativeLeastSquares.Solve([[1, 2], [2, 4], [3, 6]], [3, 6, 9]));

    [Fact]
    public void Targets_below_zero_give_zeros() => Assert.Equal([0, 0], NonNegativeLeastSquares.Solve([[1, 0], [0, 1]], [-1, -2]));

    private static void AssertNear(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 9);
        }
    }
}
