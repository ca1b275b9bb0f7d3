using System.Numerics.Tensors;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>
/// Least squares over some of the columns, drawn to a prior: the w that is zero outside K and makes ‖Xw − y‖² + λ‖w − p‖² least,
/// from its normal equations (X_KᵀX_K + λI) w_K = X_Kᵀy + λp_K by Cholesky's decomposition in double precision.
/// </summary>
internal static class RestrictedLeastSquares
{
    /// <param name="gram">XᵀX, row-major, size × size.</param>
    /// <param name="size">Columns of X.</param>
    /// <param name="right">Xᵀy.</param>
    /// <param name="prior">p.</param>
    /// <param name="columns">K, ascending.</param>
    /// <param name="ridge">λ, not negative.</param>
    /// <param name="solution">w_K, as long as <paramref name="columns"/>.</param>
    /// <returns>False where the matrix is not positive definite to working precision: λ is too small for columns that depend on each other.</returns>
    public static bool Solve(
        ReadOnlySpan<double> gram, int size, ReadOnlySpan<double> right, ReadOnlySpan<double> prior, ReadOnlySpan<int> columns, double ridge,
        Span<double> solution)
    {
        int n = columns.Length;
        double[] factor = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            Span<double> row = factor.AsSpan(i * n, i + 1);
            ReadOnlySpan<double> source = gram.Slice(columns[i] * size, size);
            for (int j = 0; j <= i; j++)
            {
                row[j] = source[columns[j]];
            }

            row[i] += ridge;
            if (!Eliminate(factor, n, i, row))
            {
                return false;
            }

            solution[i] = right[columns[i]] + (ridge * prior[columns[i]]);
        }

        SolveTriangles(factor, n, solution);
        return true;
    }

    /// <summary>Turns row i of the matrix into row i of the factor, the rows above being done.</summary>
    private static bool Eliminate(double[] factor, int n, int i, Span<double> row)
    {
        double diagonal = row[i];
        for (int j = 0; j < i; j++)
        {
            ReadOnlySpan<double> above = factor.AsSpan(j * n, j + 1);
            row[j] = (row[j] - TensorPrimitives.Dot(row[..j], above[..j])) / above[j];
        }

        // What rounding leaves of a dependent column is no information.
        double rest = diagonal - TensorPrimitives.SumOfSquares(row[..i]);
        if (!(rest > diagonal * n * 1e-16))
        {
            return false;
        }

        row[i] = Math.Sqrt(rest);
        return true;
    }

    private static void SolveTriangles(double[] factor, int n, Span<double> x)
    {
        for (int i = 0; i < n; i++)
        {
            x[i] = (x[i] - TensorPrimitives.Dot<double>(factor.AsSpan(i * n, i), x[..i])) / factor[(i * n) + i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            x[i] /= factor[(i * n) + i];
            for (int j = 0; j < i; j++)
            {
                x[j] -= factor[(i * n) + j] * x[i];
            }
        }
    }
}
