namespace EdgeSparse.Compiler.Packing;

/// <summary>Least squares with coefficients that are not negative, exact for the few that a cost has.</summary>
internal static class NonNegativeLeastSquares
{
    /// <summary>Of solutions whose squares sum to the same within this share, the one with the fewest coefficients counts.</summary>
    private const double Equal = 1e-9;

    /// <summary>Pivots below this share of a unit column mean that the columns depend on one another.</summary>
    private const double Singular = 1e-10;

    /// <summary>
    /// Minimizes Σ (rows·x − targets)² over x ≥ 0. The minimum is the free one over some of the coefficients with the others
    /// zero (the Karush-Kuhn-Tucker conditions), so all subsets are tried.
    /// </summary>
    /// <param name="rows">Equations; all of the same length, 1 to 8.</param>
    /// <param name="targets">Right-hand sides.</param>
    public static double[] Solve(IReadOnlyList<double[]> rows, IReadOnlyList<double> targets)
    {
        int count = rows[0].Length;
        double[] scales = [.. Enumerable.Range(0, count).Select(c => Math.Sqrt(rows.Sum(r => r[c] * r[c])))];
        double[] best = new double[count];
        double least = targets.Sum(t => t * t);
        foreach (int subset in Enumerable.Range(1, (1 << count) - 1).OrderBy(s => int.PopCount(s)).ThenBy(s => s))
        {
            int[] columns = [.. Enumerable.Range(0, count).Where(c => (subset >> c & 1) != 0)];
            if (columns.Any(c => scales[c] == 0) || Free(rows, targets, columns, scales) is not { } found || found.Any(x => x < 0))
            {
                continue;
            }

            double[] full = new double[count];
            for (int i = 0; i < columns.Length; i++)
            {
                full[columns[i]] = found[i];
            }

            double squares = Enumerable.Range(0, rows.Count).Sum(r => Square(Dot(rows[r], full) - targets[r]));
            if (squares < least - (Equal * targets.Sum(t => t * t)))
            {
                (best, least) = (full, squares);
            }
        }

        return best;
    }

    /// <summary>The free minimum over some columns by the normal equations of columns of unit length; null when they are singular.</summary>
    private static double[]? Free(IReadOnlyList<double[]> rows, IReadOnlyList<double> targets, int[] columns, double[] scales)
    {
        int n = columns.Length;
        double[,] a = new double[n, n + 1];
        for (int i = 0; i < n; i++)
        {
            double At(int r, int c) => rows[r][columns[c]] / scales[columns[c]];
            for (int j = 0; j < n; j++)
            {
                a[i, j] = Enumerable.Range(0, rows.Count).Sum(r => At(r, i) * At(r, j));
            }

            a[i, n] = Enumerable.Range(0, rows.Count).Sum(r => At(r, i) * targets[r]);
        }

        // The matrix is positive semidefinite with a diagonal of ones: elimination needs no exchange of rows.
        for (int pivot = 0; pivot < n; pivot++)
        {
            if (a[pivot, pivot] < Singular)
            {
                return null;
            }

            for (int row = 0; row < n; row++)
            {
                double factor = row == pivot ? 0 : a[row, pivot] / a[pivot, pivot];
                for (int column = pivot; factor != 0 && column <= n; column++)
                {
                    a[row, column] -= factor * a[pivot, column];
                }
            }
        }

        return [.. Enumerable.Range(0, n).Select(i => a[i, n] / a[i, i] / scales[columns[i]])];
    }

    private static double Dot(double[] row, double[] x) => row.Zip(x, (a, b) => a * b).Sum();

    private static double Square(double x) => x * x;
}
