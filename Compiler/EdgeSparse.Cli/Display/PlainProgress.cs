using System.Diagnostics;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Cli.Display;

/// <summary>A line now and then, for logs: at most one every few seconds whatever runs.</summary>
internal sealed class PlainProgress(TextWriter output) : IProgressSink
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly Stopwatch sinceLine = Stopwatch.StartNew();

    public IProgressTask Begin(string title, long total, string unit) => new ProgressMeter(title, total, unit, Changed, Ended);

    public void Note(string message)
    {
        lock (gate)
        {
            output.WriteLine(message);
        }
    }

    private void Changed(ProgressMeter meter)
    {
        // The unlocked look keeps Advance cheap; a race costs at most one line more.
        if (sinceLine.Elapsed < Interval)
        {
            return;
        }

        lock (gate)
        {
            if (sinceLine.Elapsed >= Interval)
            {
                sinceLine.Restart();
                output.WriteLine(Line(meter));
            }
        }
    }

    private void Ended(ProgressMeter meter)
    {
        if (meter.Elapsed >= Interval)
        {
            Note($"{meter.Title}: done in {Quantity.Time(meter.Elapsed)}{(meter.Detail.Length > 0 ? $", {meter.Detail}" : "")}");
        }
    }

    internal static string Line(ProgressMeter meter)
    {
        if (meter.Unit.Length == 0)
        {
            return $"{meter.Title}: {Quantity.Time(meter.Elapsed)}{(meter.Detail.Length > 0 ? $", {meter.Detail}" : "")}";
        }

        string share = meter.Total > 0 ? $"{meter.Fraction * 100:F0} %" : $"{Quantity.Short(meter.Done)} {meter.Unit}";
        string rate = meter.Rate is { } speed ? $", {Quantity.Rate(speed, meter.Unit)}" : "";
        string left = meter.Left is { } time ? $", {Quantity.Time(time)} left" : "";
        string detail = meter.Detail.Length > 0 ? $", {meter.Detail}" : "";
        return $"{meter.Title}: {share}{rate}{left}{detail}";
    }
}
