using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>A blob in a session of its own.</summary>
internal sealed class SessionContestant : IContestant
{
    private readonly int[] outputLengths;

    /// <param name="model">Of one input; outlives this.</param>
    /// <param name="threads">Threads of the session.</param>
    public SessionContestant(Model model, int threads)
    {
        Session = model.CreateSession(new SessionOptions { Threads = threads });
        outputLengths = [.. model.Outputs.Select(o => o.ElementCount)];
    }

    public string Name => "EdgeSparse";

    public int Threads => Session.Threads;

    public Session Session { get; }

    public float[] Prepare(ReadOnlySpan<float> input) => input.ToArray();

    public void Run(ReadOnlySpan<float> prepared, Span<float> output)
    {
        if (outputLengths.Length == 1)
        {
            Session.Run(prepared, output);
            return;
        }

        Session.SetInput(0, prepared);
        Session.Run();
        int start = 0;
        for (int i = 0; i < outputLengths.Length; i++)
        {
            Session.GetOutput(i, output.Slice(start, outputLengths[i]));
            start += outputLengths[i];
        }
    }

    public float[] Finish(ReadOnlySpan<float> output) => output.ToArray();

    public void Dispose() => Session.Dispose();
}
