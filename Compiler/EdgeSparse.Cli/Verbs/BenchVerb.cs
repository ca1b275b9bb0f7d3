using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse bench OUT.esb [--against IN.onnx]</c>.</summary>
internal sealed class BenchVerb : Verb
{
    private const int InputSeed = 1;

    private readonly Argument<string> blob = new("MODEL.esb") { Description = "the blob" };
    private readonly Option<string?> against = new("--against") { Description = "an ONNX model to measure in turns with it, in ONNX Runtime", HelpName = "MODEL.onnx" };
    private readonly Option<int> threads = new("--threads") { Description = "threads that each of the two may use", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<double> seconds = new("--seconds") { Description = "how long to measure", HelpName = "S", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> data = new("--data")
    {
        Description = "take inputs from this data set's test samples; random ones when left out",
        HelpName = "NAME",
    };

    private readonly Option<string?> dataDir = DataDirOption.Create();

    public BenchVerb()
        : base("bench", "measure the latency of a blob, and of ONNX Runtime beside it")
    {
        seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.01 and <= 86400))
            {
                result.AddError("--seconds must be between 0.01 and 86400");
            }
        });
        Add(blob);
        Add(against);
        Add(threads);
        Add(seconds);
        Add(data);
        Add(dataDir);
    }

    protected override int Run(VerbContext context)
    {
        int threadCount = context.Required(threads);
        LatencyBench.RequireThreads(threadCount);
        using Model model = Model.Load(context.Required(blob));
        using OnnxRuntimeModel? reference = context.Value(against) is { } onnx ? new OnnxRuntimeModel(onnx, threadCount) : null;
        BenchResult result = LatencyBench.Measure(
            model, reference, Inputs(context, model), context.Required(seconds), threadCount, context.Progress, context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

    private IReadOnlyList<float[]> Inputs(VerbContext context, Model model)
    {
        if (context.Value(data) is not { } name)
        {
            return BenchInputs.Random(model.Inputs[0].ElementCount, InputSeed);
        }

        Dataset set = DatasetCatalog.Open(name, DataDirOption.Locations(context, dataDir), context.Progress);
        return set.SampleShape.ElementCount == model.Inputs[0].ElementCount
            ? BenchInputs.From(set.Test, model.Inputs[0].ElementCount, VerifyVerb.ScalingOf(model))
            : throw new EdgeSparseException(
                $"the blob takes inputs of shape {string.Join('×', model.Inputs[0].Shape)}, but the samples of '{name}' have the shape {set.SampleShape}");
    }

    private static void Show(IAnsiConsole console, BenchResult result)
    {
        Table table = ResultTable.Create("runtime", " median µs", " p5", " p95");
        AddRow(table, "EdgeSparse", result.EdgeSparse);
        if (result.OnnxRuntime is { } other)
        {
            AddRow(table, "ONNX Runtime", other);
        }

        console.Write(table);
        console.WriteFacts(
        [
            .. result.Ratio is { } ratio ? [("ratio", $"{ratio.ToString("F2", CultureInfo.InvariantCulture)}× as fast")] : Array.Empty<(string, string)>(),
            ("threads", result.Threads.ToString(CultureInfo.InvariantCulture)),
            ("memory", $"{Quantity.Bytes(result.ArenaBytes)} arena, {Quantity.Bytes(result.PeakResidentBytes)} peak resident"),
        ]);
    }

    private static void AddRow(Table table, string name, LatencyStatistics latency) => table.Add(
        name, Micro(latency.MedianMicroseconds), Micro(latency.P5Microseconds), Micro(latency.P95Microseconds));

    private static string Micro(double microseconds) => microseconds.ToString(microseconds < 100 ? "F2" : "F0", CultureInfo.InvariantCulture);
}
