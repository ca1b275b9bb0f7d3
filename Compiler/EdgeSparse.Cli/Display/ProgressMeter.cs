using System.Diagnostics;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Cli.Display;

/// <summary>One piece of running work: how far it is, how fast it goes, and what is left.</summary>
internal sealed class ProgressMeter(string title, long total, string unit, Action<ProgressMeter> changed, Action<ProgressMeter> ended) : IProgressTask
{
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private long done;
    private volatile string detail = "";
    private int disposed;

    public string Title => title;

    public string Unit => unit;

    public long Total => total;

    public long Done => Interlocked.Read(ref done);

    public string Detail => detail;

    public TimeSpan Elapsed => watch.Elapsed;

    /// <summary>0 to 1; 0 when the total is not known.</summary>
    public double Fraction => total <= 0 ? 0 : Math.Clamp((double)Done / total, 0, 1);

    /// <summary>Units a second since the start; 0 before the first one.</summary>
    public double Rate => Elapsed.TotalSeconds > 0 ? Done / Elapsed.TotalSeconds : 0;

    /// <summary>Null until there is a rate to tell it from, and when the total is not known.</summary>
    public TimeSpan? Left => total > 0 && Rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, total - Done) / Rate) : null;

    public void Advance(long amount = 1)
    {
        Interlocked.Add(ref done, amount);
        changed(this);
    }

    public void Describe(string detail) => this.detail = detail;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            watch.Stop();
            ended(this);
        }
    }
}
