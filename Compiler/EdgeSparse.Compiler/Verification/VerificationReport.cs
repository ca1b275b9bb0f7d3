namespace EdgeSparse.Compiler.Verification;

/// <summary>How a blob's results compare with ONNX Runtime's over a set of samples.</summary>
/// <param name="Samples">Samples compared.</param>
/// <param name="Agreeing">Samples with the same prediction and outputs within the tolerance.</param>
/// <param name="Ties">Samples with another prediction only because the reference's two outputs are nearly equal.</param>
/// <param name="Mismatches">All others.</param>
/// <param name="NotFinite">Of the mismatches, those where an output of either is not finite; they do not count in the next two.</param>
/// <param name="LargestAbsolute">The largest difference of two outputs.</param>
/// <param name="LargestRelative">The largest difference relative to the sample's largest reference output (see <see cref="OutputComparison"/>).</param>
/// <param name="SparseError">Share of samples that the blob classifies wrongly, 0 to 1; null without labels or with several outputs.</param>
/// <param name="ReferenceError">Share of samples that ONNX Runtime classifies wrongly, or null.</param>
/// <param name="FirstMismatch">Index of the first sample that mismatches, or null.</param>
public sealed record VerificationReport(
    int Samples,
    int Agreeing,
    int Ties,
    int Mismatches,
    int NotFinite,
    double LargestAbsolute,
    double LargestRelative,
    double? SparseError,
    double? ReferenceError,
    int? FirstMismatch)
{
    /// <summary>There was something to compare, and no sample mismatches.</summary>
    public bool Passed => Samples > 0 && Mismatches == 0;
}
