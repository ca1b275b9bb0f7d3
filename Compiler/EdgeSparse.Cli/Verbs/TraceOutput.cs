using System.CommandLine;
using System.Text;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Cli.Verbs;

/// <summary>The options that take a power trace as files: <c>-o</c> as CSV, <c>--plot</c> as PNG.</summary>
internal sealed class TraceOutput
{
    private readonly Option<string?> csv = new("--output", "-o") { Description = "takes the readings as CSV", HelpName = "TRACE.csv" };
    private readonly Option<string?> plot = new("--plot") { Description = "takes a picture of the readings, with runs shaded in blue and idle times in grey", HelpName = "TRACE.png" };

    public void AddTo(Command command)
    {
        command.Add(csv);
        command.Add(plot);
    }

    /// <summary>Writes what was asked for; a trace of fewer than two readings has no picture.</summary>
    public void Write(VerbContext context, PowerTrace trace, IReadOnlyList<TracePhase> phases)
    {
        if (context.Value(csv) is { } file)
        {
            AtomicFile.Write(file, stream =>
            {
                using StreamWriter writer = new(stream, new UTF8Encoding(false), leaveOpen: true);
                PowerTraceCsv.Write(writer, trace, phases);
            });
        }

        if (context.Value(plot) is { } picture && trace.Points.Count >= 2)
        {
            double zero = trace.Points[0].Seconds;
            ILookup<bool, (double From, double To)> windows = phases.ToLookup(
                p => p.Name.StartsWith("idle", StringComparison.Ordinal), p => (p.From - zero, p.To - zero));
            AtomicFile.Write(picture, PowerPlot.Png(
                [.. trace.Points.Select(p => (p.Seconds - zero, p.Watts))], [.. windows[false]], [.. windows[true]]));
        }
    }
}
