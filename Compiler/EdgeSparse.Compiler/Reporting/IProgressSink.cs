namespace EdgeSparse.Compiler.Reporting;

/// <summary>Where long work tells how far it is. The command line shows it on standard error; tests use <see cref="Silent"/>.</summary>
public interface IProgressSink
{
    static IProgressSink Silent { get; } = new SilentProgress();

    /// <summary>
    /// Starts a piece of work of <paramref name="total"/> units (for example samples, bytes, epochs), 0 where nobody knows, of no unit where
    /// only its time says something; dispose it at its end.
    /// </summary>
    IProgressTask Begin(string title, long total, string unit);

    /// <summary>A line worth keeping on the screen, for example the error after a stage.</summary>
    void Note(string message);

    private sealed class SilentProgress : IProgressSink, IProgressTask
    {
        public IProgressTask Begin(string title, long total, string unit) => this;

        public void Note(string message)
        {
        }

        public void Advance(long amount = 1)
        {
        }

        public void Describe(string detail)
        {
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>One piece of running work.</summary>
public interface IProgressTask : IDisposable
{
    void Advance(long amount = 1);

    /// <summary>Shown beside the bar, for example the loss.</summary>
    void Describe(string detail);
}
