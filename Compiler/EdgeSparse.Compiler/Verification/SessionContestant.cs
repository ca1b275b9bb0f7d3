using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>A blob in a session of its own.</summary>
internal sealed class SessionContestant : IContestant
{
    /// <param name="model">Outlives this.</param>
    /// <param name="threads">Threads of the session.</param>
    public SessionContestant(Model model, int threads) => Session = model.CreateSession(new SessionOptions { Threads = threads });

    public string Name => "EdgeSparse";

    public int Threads => Session.Threads;

    public Session Session { get; }

    public float[] Prepare(ReadOnlySpan<float> input) => input.ToArray();

    public void Run(ReadOnlySpan<float> prepared, Span<float> output) => Session.Run(prepared, output);

    public float[] Finish(ReadOnlySpan<float> output) => output.ToArray();

    public void Dispose() => Session.Dispose();
}
