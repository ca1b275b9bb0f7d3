using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Energy;
using EdgeSparse.Energy.Sampling;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse energy integrate TRACE.csv</c>.</summary>
internal sealed class EnergyIntegrateVerb : Verb
{
    private const double Longest = 1e9;

    private readonly Argument<string> file = new("TRACE.csv") { Description = "readings with the columns seconds and watts, of 'energy trace' or of an instrument" };
    private readonly Option<double?> from = MeterOption.Number<double?>("--from", "begin, on the file's clock; its first reading when left out", "S", -Longest, Longest);
    private readonly Option<double?> to = MeterOption.Number<double?>("--to", "end; its last reading when left out", "S", -Longest, Longest);
    private readonly Option<double?> idle = MeterOption.Number<double?>("--idle", "watts to subtract", "W", 0, 1e6);
    private readonly Option<int?> inferences = MeterOption.Number<int?>("--inferences", "inferences that ran in between", "N", 1, int.MaxValue);
    private readonly TraceOutput output = new();

    public EnergyIntegrateVerb()
        : base("integrate", "the energy between two times of a recorded trace")
    {
        Add(file);
        Add(from);
        Add(to);
        Add(idle);
        Add(inferences);
        output.AddTo(this);
    }

    private sealed record IntegralResult(WindowEnergy Energy, double MeanWatts, double? IdleWatts, double NetJoules, double? JoulesPerInference);

    protected override int Run(VerbContext context)
    {
        string path = context.Required(file);
        PowerTrace trace = PowerTrace.Of(new MeterInfo($"replay:{path}", "", MeterQuantity.Power), PowerTraceCsv.Read(path));
        double begin = context.Value(from) ?? trace.Points[0].Seconds;
        double end = context.Value(to) ?? trace.Points[^1].Seconds;
        if (begin >= end)
        {
            throw new MeterException(context.Value(from) >= context.Value(to)
                ? "--to must come after --from"
                : $"{path} has readings from {trace.Points[0].Seconds} to {trace.Points[^1].Seconds} s; the times asked for lie outside");
        }

        WindowEnergy energy = trace.Integrate(begin, end);
        double net = energy.Joules - ((context.Value(idle) ?? 0) * energy.Seconds);
        output.Write(context, trace, [new TracePhase("integrated", begin, end)]);
        context.Report(new IntegralResult(energy, energy.MeanWatts, context.Value(idle), net, net / context.Value(inferences)), Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, IntegralResult result) => console.WriteFacts(
    [
        ("energy", string.Create(CultureInfo.InvariantCulture, $"{result.Energy.Joules:G6} J ± {result.Energy.StandardUncertaintyJoules:G2} J (standard uncertainty) in {result.Energy.Seconds:G6} s")),
        ("power", string.Create(CultureInfo.InvariantCulture, $"{result.MeanWatts:G5} W")),
        .. result.IdleWatts is null ? Array.Empty<(string, string)>() : [("above idle", string.Create(CultureInfo.InvariantCulture, $"{result.NetJoules:G6} J"))],
        .. result.JoulesPerInference is { } joules ? [("an inference", string.Create(CultureInfo.InvariantCulture, $"{joules * 1e6:G5} µJ"))] : Array.Empty<(string, string)>(),
        ("readings", Quantity.Count(result.Energy.Readings)),
    ]);
}
