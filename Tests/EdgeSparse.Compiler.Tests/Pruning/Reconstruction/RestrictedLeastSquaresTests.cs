using EdgeSparse.Compiler.Pruning.Reconstruction;

namespace EdgeSparse.Compiler.Tests.Pruning.Reconstruction;

public sealed class RestrictedLeastSquaresTests
{
    // X = [1 0; 1 1; 1 2] and y = (1, 2, 4): XᵀX = [3 3; 3 5], Xᵀy = (7, 10).
    private static readonly double[] Gram = [3, 3, 3, 5];
    private static readonly double[] Right = [7, 10];

    [Fact]
    public void Over_all_columns_it_is_the_straight_line_nearest_to_the_points()
    {
        double[] w = Solve([0, 1], 0, [0, 0]);
        Assert.Equal(5.0 / 6, w[0], 1e-12);
        Assert.Equal(1.5, w[1], 1e-12);
    }

    [Fact]
    public void Over_one_column_it_is_the_quotient() => Assert.Equal(2.0, Solve([1], 0, [0, 0])[0], 1e-12);

    [Fact]
    public void A_ridge_draws_to_the_prior()
    {
        // (5 + 5)·w = 10 + 5·4.
        Assert.Equal(3.0, Solve([1], 5, [0, 4])[0], 1e-12);
        Assert.Equal(4.0, Solve([1], 1e12, [0, 4])[0], 1e-9);
    }

    [Fact]
    public void Columns_that_depend_on_each_other_are_found_out_and_solved_with_a_ridge()
    {
        double[] gram = [1, 2, 2, 4];
        double[] solution = new double[2];
        Assert.False(RestrictedLeastSquares.Solve(gram, 2, [5, 10], [0, 0], [0, 1], 0, solution));
        Assert.True(RestrictedLeastSquares.Solve(gram, 2, [5, 10], [0, 0], [0, 1], 1e-6, solution));
        Assert.Equal(1, solution[0], 1e-5);
        Assert.Equal(2, solution[1], 1e-5);
    }

    [Fact]
    public void A_large_system_is_solved_to_rounding()
    {
        const int Size = 120;
        Random random = new(3);
        double[] x = [.. Enumerable.Range(0, 300 * Size).Select(_ => random.NextDouble() - 0.5)];
        double[] wanted = [.. Enumerable.Range(0, Size).Select(i => i % 3 == 0 ? 0 : Math.Sin(i))];
        double[] gram = new double[Size * Size];
        double[] right = new double[Size];
        for (int i = 0; i < Size; i++)
        {
            for (int j = 0; j < Size; j++)
            {
                for (int row = 0; row < 300; row++)
                {
                    gram[(i * Size) + j] += x[(row * Size) + i] * x[(row * Size) + j];
                }

                right[i] += gram[(i * Size) + j] * wanted[j];
            }
        }

        int[] columns = [.. Enumerable.Range(0, Size).Where(i => i % 3 != 0)];
        double[] solution = new double[columns.Length];
        Assert.True(RestrictedLeastSquares.Solve(gram, Size, right, new double[Size], columns, 0, solution));
        Assert.All(columns.Zip(solution), p => Assert.Equal(wanted[p.First], p.Second, 1e-10));
    }

    private static double[] Solve(int[] columns, double ridge, double[] prior)
    {
        double[] solution = new double[columns.Length];
        Assert.True(RestrictedLeastSquares.Solve(Gram, 2, Right, prior, columns, ridge, solution));
        return solution;
    }
}
