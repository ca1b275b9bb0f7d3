namespace EdgeSparse.Compiler.Graphs;

/// <summary>erf(x) = 2/√π ∫₀ˣ e^(−t²) dt in double precision.</summary>
internal static class ErrorFunction
{
    /// <summary>Where the series would lose digits the continued fraction of erfc converges (Abramowitz and Stegun 7.1.5, 7.1.14).</summary>
    private const double Border = 2;

    public static double Of(double x)
    {
        double z = Math.Abs(x);
        double value = z < Border ? Series(z) : z > 6 ? 1 : 1 - Complement(z);
        return double.IsNaN(x) ? x : Math.CopySign(value, x);
    }

    private static double Series(double z)
    {
        double term = z;
        double sum = z;
        for (int n = 1; Math.Abs(term) > 1e-17 * sum; n++)
        {
            term *= -z * z / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    /// <summary>erfc(z) by its continued fraction, from the innermost term out.</summary>
    private static double Complement(double z)
    {
        double fraction = z;
        for (int n = 60; n >= 1; n--)
        {
            fraction = z + (n / 2.0 / fraction);
        }

        return Math.Exp(-z * z) / Math.Sqrt(Math.PI) / fraction;
    }
}
