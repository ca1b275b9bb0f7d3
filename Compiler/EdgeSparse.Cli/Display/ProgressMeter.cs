using System.Diagnostics;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Cli.Display;

/// <summary>One piece of running work: how far it is, how fast it goes, and what is left.</summary>
internal sealed class ProgressMeter(string title, long total, string unit, Action<ProgressMeter> changed, Action<ProgressMeter> ended) : IProgressTask
{
    /// <summary>The rate is that of the last so many seconds: work speeds up and slows down, above all on a shared machine.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MarkEvery = TimeSpan.FromSeconds(0.5);

    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly Lock gate = new();
    private readonly Queue<(TimeSpan Time, long Done)> marks = new();
    private TimeSpan lastMark;
    private long done;
    private string detail = "";
    private bool disposed;

    public string Title => title;

    public string Unit => unit;

    public long Total => total;

    public long Done
    {
        get
        {
            lock (gate)
            {
                return done;
            }
        }
    }

    public string Detail => Volatile.Read(ref detail);

    public TimeSpan Elapsed => watch.Elapsed;

    /// <summary>0 to 1; 0 when the total is not known.</summary>
    public double Fraction => total <= 0 ? 0 : Math.Clamp((double)Done / total, 0, 1);

    /// <summary>Units a second; null until there are two points in time to tell it from.</summary>
    public double? Rate
    {
        get
        {
            lock (gate)
            {
                double seconds = marks.TryPeek(out var first) ? (watch.Elapsed - first.Time).TotalSeconds : 0;
                return seconds > 0.2 ? (done - first.Done) / seconds : null;
            }
        }
    }

    /// <summary>Null as long as there is no rate, or no total.</summary>
    public TimeSpan? Left => total > 0 && Rate is > 0 and { } rate ? TimeSpan.FromSeconds(Math.Max(0, total - Done) / rate) : null;

    public void Advance(long amount = 1)
    {
        lock (gate)
        {
            done += amount;
            TimeSpan now = watch.Elapsed;

            // The first mark comes after the first advance: a run that goes on from a checkpoint begins with a leap.
            if (marks.Count == 0 || now - lastMark >= MarkEvery)
            {
                marks.Enqueue((now, done));
                lastMark = now;
                while (marks.Count > 2 && now - marks.Peek().Time > Window)
                {
                    marks.Dequeue();
                }
            }
        }

        changed(this);
    }

    public void Describe(string detail) => Volatile.Write(ref this.detail, detail);

    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
        }

        watch.Stop();
        ended(this);
    }
}
