using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Energy;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse energy measure MODEL.esb --meter M</c>.</summary>
internal sealed class EnergyMeasureVerb : Verb
{
    private const int InputSeed = 1;

    private readonly Argument<string> blob = new("MODEL.esb") { Description = "the blob" };
    private readonly Option<MeterSpec?> meter = MeterOption.Create();
    private readonly Option<string?> input = new("--input") { Description = "takes its first sample: .npy, .idx or .png; random numbers when left out", HelpName = "FILE" };
    private readonly Option<int> threads = ThreadsOption.One("threads of the session");
    private readonly Option<double?> seconds = MeterOption.Number<double?>("--seconds", "the least time of a run; 10, as MLPerf Tiny asks for, when left out", "S", 0.01, 86400);
    private readonly Option<int?> runs = MeterOption.Number<int?>("--runs", "runs, of which the median counts; 5 when left out", "N", 1, 100);
    private readonly Option<double?> interval = MeterOption.Interval();
    private readonly TraceOutput output = new();

    public EnergyMeasureVerb()
        : base("measure", "joules per inference on this machine, idle power subtracted, with an uncertainty")
    {
        Add(blob);
        Add(meter);
        Add(input);
        Add(threads);
        Add(seconds);
        Add(runs);
        Add(interval);
        output.AddTo(this);
    }

    protected override int Run(VerbContext context)
    {
        using Model model = Model.Load(context.Required(blob));
        float[][] inputs = [.. model.Inputs.Select(i => BenchInputs.Random(i.ElementCount, InputSeed, 1)[0])];
        if (context.Value(input) is { } file)
        {
            inputs[0] = model.Inputs.Count == 1
                ? SampleReader.Read(file, model.Inputs[0])[0]
                : throw new EdgeSparseException($"the network has {model.Inputs.Count} inputs; --input feeds one");
        }

        float[][] outputs = [.. model.Outputs.Select(o => new float[o.ElementCount])];
        using IPowerMeter source = MeterOption.Open(context, meter, interval);
        using Session session = model.CreateSession(new SessionOptions { Threads = context.Required(threads) });
        EnergyOptions options = context.Value(seconds) is { } length ? EnergyOptions.OfSeconds(length) : new EnergyOptions();
        options = options with { Runs = context.Value(runs) ?? options.Runs, Interval = MeterOption.IntervalOf(context, interval) };
        EnergyMeasurement measurement;
        using (IProgressTask task = context.Progress.Begin($"measuring energy by {source.Info.Name}", options.Runs, "runs"))
        {
            measurement = EnergyProcedure.Measure(
                source, () => Infer(session, inputs, outputs), options, number => task.Advance(number > 1 ? 1 : 0), context.Cancellation);
        }

        output.Write(context, measurement.Trace, measurement.Phases);
        context.Report(measurement.Result, Show);
        if (measurement.Result.Stopped is { } stopped)
        {
            context.ReportError(stopped);
            return ExitCode.Failure;
        }

        return ExitCode.Success;
    }

    private static void Infer(Session session, float[][] inputs, float[][] outputs)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            session.SetInput(i, inputs[i]);
        }

        session.Run();
        for (int o = 0; o < outputs.Length; o++)
        {
            session.GetOutput(o, outputs[o]);
        }
    }

    private static void Show(IAnsiConsole console, EnergyResult result)
    {
        Table table = ResultTable.Create(" run", " inferences", " µs each", " idle W", " busy W", " µJ each", " µJ in all");
        for (int i = 0; i < result.Runs.Length; i++)
        {
            EnergyRun run = result.Runs[i];
            table.Add(
                $"{i + 1}", Quantity.Count(run.Inferences), Quantity.Micro(run.SecondsPerInference * 1e6), Watts(run.Idle.MeanWatts), Watts(run.Busy.MeanWatts),
                Quantity.Micro(run.JoulesPerInference * 1e6), Quantity.Micro(run.GrossJoulesPerInference * 1e6));
        }

        console.Write(table);
        console.WriteFacts([("meter", $"{result.Meter.Name}: {result.Meter.Description}"), .. Facts(result), .. result.Remarks.Select(r => ("note", r))]);
    }

    private static IEnumerable<(string, string)> Facts(EnergyResult result)
    {
        if (result.Median is not { } median)
        {
            yield return ("energy", "not measured: the meter stopped");
            yield break;
        }

        EnergyUncertainty u = median.Uncertainty;
        yield return ("energy", string.Create(
            CultureInfo.InvariantCulture,
            $"{median.JoulesPerInference * 1e6:G4} µJ an inference above idle (median), ± {2 * u.Standard * 1e6:G2} µJ at 95 %; {median.GrossJoulesPerInference * 1e6:G4} µJ in all"));
        yield return ("of which", string.Create(
            CultureInfo.InvariantCulture,
            $"standard uncertainties: {u.Random * 1e6:G2} µJ random, {u.Resolution * 1e6:G2} µJ the meter's step, {(u.Scale is { } scale ? $"{scale * 1e6:G2} µJ" : "unknown")} its scale"));
    }

    private static string Watts(double watts) => watts.ToString("F3", CultureInfo.InvariantCulture);
}
