namespace EdgeSparse.Compiler.Verification;

/// <summary>How close to the expected value an output must be: |actual − expected| ≤ absolute + relative · |expected|.</summary>
/// <param name="Absolute">Null for upstream's 1e-7, or 1e-3 where anything is float16.</param>
/// <param name="Relative">Null for upstream's 1e-3, or 5e-3 where anything is float16.</param>
public sealed record NodeTestTolerance(double? Absolute = null, double? Relative = null)
{
    internal (double Absolute, double Relative) For(bool isHalf) =>
        (Absolute ?? (isHalf ? 1e-3 : 1e-7), Relative ?? (isHalf ? 5e-3 : 1e-3));
}
