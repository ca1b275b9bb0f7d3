using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured;

/// <summary>Stops a run of several trainings after so many steps of all of them; each training counts once more as it begins.</summary>
internal sealed class StopAfter(int steps, CancellationTokenSource stop) : IProgressSink, IProgressTask
{
    private int count;

    public IProgressTask Begin(string title, long total, string unit) => this;

    public void Note(string message)
    {
    }

    public void Advance(long amount = 1)
    {
        if (++count == steps)
        {
            stop.Cancel();
        }
    }

    public void Describe(string detail)
    {
    }

    public void Dispose()
    {
    }
}
