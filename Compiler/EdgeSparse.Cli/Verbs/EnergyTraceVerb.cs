using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Energy;
using EdgeSparse.Energy.Sampling;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse energy trace --meter M</c>.</summary>
internal sealed class EnergyTraceVerb : Verb
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.1);

    private readonly Option<MeterSpec?> meter = MeterOption.Create();
    private readonly Option<double?> interval = MeterOption.Interval();
    private readonly Option<double?> seconds = MeterOption.Number<double?>("--seconds", "how long to read; 10 when left out", "S", 0.01, 604800);
    private readonly TraceOutput output = new();

    public EnergyTraceVerb()
        : base("trace", "record the power that a meter reads, of the idle machine or of whatever runs on it")
    {
        Add(meter);
        Add(seconds);
        Add(interval);
        output.AddTo(this);
    }

    private sealed record TraceResult(
        MeterInfo Meter, int Readings, double? Seconds, double? MeanWatts, double? LeastWatts, double? MostWatts, double? Joules,
        double? StandardUncertaintyJoules, string? Stopped);

    protected override int Run(VerbContext context)
    {
        using IPowerMeter source = MeterOption.Open(context, meter, interval);
        double length = context.Value(seconds) ?? 10;
        PowerTrace trace;
        using (PowerSampler sampler = new(source, MeterOption.IntervalOf(context, interval)))
        using (IProgressTask task = context.Progress.Begin($"reading {source.Info.Name}", (long)(length * 10), "ticks"))
        {
            double begin = PowerSampler.Now;
            while (PowerSampler.Now - begin < length && !sampler.HasStopped)
            {
                double left = length - (PowerSampler.Now - begin);
                context.Cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(Math.Clamp(left, 0, Tick.TotalSeconds)));
                context.Cancellation.ThrowIfCancellationRequested();
                task.Advance();
            }

            trace = sampler.Stop();
        }

        output.Write(context, trace, []);
        context.Report(Summary(trace), Show);
        if (trace.Stopped is { } stopped)
        {
            context.ReportError($"the meter stopped after {trace.Points.Count} readings: {stopped}");
            return ExitCode.Failure;
        }

        return ExitCode.Success;
    }

    private static TraceResult Summary(PowerTrace trace)
    {
        if (trace.Points.Count < 2)
        {
            return new TraceResult(trace.Meter, trace.Points.Count, null, null, null, null, null, null, trace.Stopped);
        }

        WindowEnergy energy = trace.Integrate(trace.Points[0].Seconds, trace.Points[^1].Seconds);
        return new TraceResult(
            trace.Meter, trace.Points.Count, energy.Seconds, energy.MeanWatts, trace.Points.Min(p => p.Watts), trace.Points.Max(p => p.Watts), energy.Joules,
            energy.StandardUncertaintyJoules, trace.Stopped);
    }

    private static void Show(IAnsiConsole console, TraceResult result) => console.WriteFacts(
    [
        ("meter", $"{result.Meter.Name}: {result.Meter.Description}"),
        .. result.Seconds is null ? Array.Empty<(string, string)>() :
        [
            ("power", string.Create(CultureInfo.InvariantCulture, $"{result.MeanWatts:G5} W, from {result.LeastWatts:G4} to {result.MostWatts:G4} W")),
            ("energy", string.Create(CultureInfo.InvariantCulture, $"{result.Joules:G5} J ± {result.StandardUncertaintyJoules:G2} J (standard uncertainty) in {result.Seconds:F3} s")),
        ],
        ("readings", Quantity.Count(result.Readings)),
    ]);
}
