using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse bench OUT.esb [--against IN.onnx]</c>, and <c>edgesparse bench FOLDER --host USER@HOST</c> on a device.</summary>
internal sealed class BenchVerb : Verb
{
    private readonly Argument<string?> blob = new("MODEL.esb")
    {
        Description = "the blob; with --host also a folder or .tar.gz that publish made, and nothing for what is deployed there",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> against = new("--against") { Description = "the ONNX model it stands for, which the peers run in turns with it", HelpName = "MODEL.onnx" };
    private readonly Option<BenchPeers> peers = PeersOption.Create();
    private readonly Option<ImmutableArray<int>> threads = ThreadsOption.Several("threads that each may use, one run for each number");
    private readonly Option<double> seconds = new("--seconds") { Description = "how long to measure with each number of threads", HelpName = "S", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> data = new("--data")
    {
        Description = "take inputs from this data set's test samples; random ones when left out",
        HelpName = "NAME",
    };

    private readonly Option<string?> dataDir = DataDirOption.Create();

    private readonly DeviceBench device;

    public BenchVerb()
        : base("bench", "measure the latency of a blob, and of its peers beside it, or on a device over SSH")
    {
        device = new DeviceBench(blob, threads, seconds);
        seconds.Validators.Add(result =>
        {
            // What is no number at all, the parser tells; asking the result for its value would throw.
            if (result.Tokens is [{ Value: string word }]
                && double.TryParse(word, CultureInfo.InvariantCulture, out double value)
                && value is not (>= 0.01 and <= 86400))
            {
                result.AddError("--seconds must be between 0.01 and 86400");
            }
        });
        Validators.Add(result =>
        {
            if (result.GetResult(peers) is { Implicit: false } && result.GetResult(against) is null)
            {
                result.AddError("--peers needs --against MODEL.onnx, the network that they run");
            }
            else if (device.IsAsked(result))
            {
                Option[] local = [against, data, dataDir];
                if (local.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } here)
                {
                    result.AddError($"{here.Name} is for this machine, not for a device");
                }
            }
            else if (result.GetResult(blob) is not { Tokens.Count: 1 })
            {
                result.AddError("MODEL.esb is missing");
            }
        });
        Add(blob);
        Add(against);
        Add(peers);
        Add(threads);
        Add(seconds);
        Add(data);
        Add(dataDir);
        device.AddTo(this);
    }

    protected override int Run(VerbContext context)
    {
        if (device.IsAsked(context.Arguments.CommandResult))
        {
            return device.Run(context);
        }

        using Model model = Model.Load(context.Value(blob)!);
        BenchOptions options = new()
        {
            OnnxPath = context.Value(against),
            Peers = context.Value(peers),
            Threads = context.Required(threads),
            Seconds = context.Required(seconds),
        };
        BenchResult result = ModelBench.Run(model, SampleInputs.Of(context, model, data, dataDir), options, context.Progress, context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, BenchResult result)
    {
        Table table = ResultTable.Create(" threads", "runtime", " median µs", " p5", " p95", " ratio (p5–p95)");
        foreach (BenchRun run in result.Runs)
        {
            AddRow(table, run.Threads, "EdgeSparse", run.EdgeSparse, "");
            foreach (PeerRun peer in run.Peers)
            {
                if (peer is { Latency: { } latency, Ratio: { } ratio })
                {
                    AddRow(table, run.Threads, peer.Name, latency, $"{Ratio(ratio.Median)} ({Ratio(ratio.P5)}–{Ratio(ratio.P95)})");
                }
                else
                {
                    table.Add($"{run.Threads}", peer.Name, "unavailable", "", "", "");
                }
            }
        }

        console.Write(table);
        console.WriteFacts(
        [
            .. result.Ratio is { } first ? [("ratio", $"{Ratio(first)}× as fast as ONNX Runtime on {result.Threads} thread{(result.Threads == 1 ? "" : "s")}")] : Array.Empty<(string, string)>(),
            .. Unavailable(result),
            ("memory", $"{Quantity.Bytes(result.ArenaBytes)} arena, {Quantity.Bytes(result.ResidentBytes)} resident, {Quantity.Bytes(result.PeakResidentBytes)} at its peak"),
        ]);
    }

    private static IEnumerable<(string, string)> Unavailable(BenchResult result) => result.Runs
        .SelectMany(r => r.Peers)
        .Where(p => p.State == PeerState.Unavailable)
        .Select(p => (p.Name, $"unavailable: {p.Reason}"))
        .Distinct();

    private static void AddRow(Table table, int threads, string name, LatencyStatistics latency, string ratio) => table.Add(
        $"{threads}", name, Quantity.Micro(latency.MedianMicroseconds), Quantity.Micro(latency.P5Microseconds), Quantity.Micro(latency.P95Microseconds), ratio);

    private static string Ratio(double ratio) => ratio.ToString("F2", CultureInfo.InvariantCulture);
}
