using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Tuning;

/// <summary>Tells the times that a test wants, and keeps what it was asked.</summary>
internal sealed class FakeTimer(Func<FormatCandidate, double> microseconds) : ICandidateTimer
{
    public List<IReadOnlyList<Trial>> Asked { get; } = [];

    public IReadOnlyList<double> Measure(IReadOnlyList<Trial> trials, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Asked.Add(trials);
        return [.. trials.Select(t => microseconds(t.Candidate))];
    }
}
