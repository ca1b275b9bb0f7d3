namespace EdgeSparse.Compiler.Packing;

/// <summary>Measures the candidates of a layer beside one another.</summary>
internal interface ICandidateTimer
{
    /// <summary>Median microseconds of the layer's own step, for each candidate.</summary>
    /// <exception cref="OperationCanceledException">Cancelled in between.</exception>
    IReadOnlyList<double> Measure(IReadOnlyList<Trial> trials, CancellationToken cancellation);
}

/// <summary>A candidate to measure.</summary>
/// <param name="Candidate">The format.</param>
/// <param name="Weight">The layer's weight in it.</param>
/// <param name="Blob">A network of the layer alone; see <see cref="TrialNetwork"/>.</param>
/// <param name="NonZeroInputs">The share of inputs that are not zero.</param>
internal sealed record Trial(FormatCandidate Candidate, PackedWeight Weight, byte[] Blob, double NonZeroInputs = 1);
