using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Cli.Quickstart;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Targets.Publishing;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse quickstart</c>: the main job on the embedded data, and one table of what came of it.</summary>
internal sealed class QuickstartVerb : Verb
{
    private readonly Option<string?> output = new("--output", "-o") { Description = "the folder to fill; artifacts/quickstart of the clone, or one in ~/.cache/edgesparse, when left out", HelpName = "DIR" };
    private readonly Option<string[]> set = RecipeOptions.CreateSet();

    public QuickstartVerb()
        : base("quickstart", "train, prune, pack, verify, publish and run a network of digits, from end to end")
    {
        Add(output);
        Add(set);
    }

    protected override int Run(VerbContext context)
    {
        var sources = SourceTree.Find();
        RunRequest run = new()
        {
            Recipe = RecipeReader.Read(Path.Combine(sources.Root, "Samples", "Quickstart", "recipe.json"), [.. RecipeOptions.Overrides(context, set)]),
        };
        string folder = context.Value(output) ?? Path.Combine(sources.Artifacts, "quickstart");
        context.Report(QuickstartJob.Run(run, sources, folder, context.Progress, context.Cancellation), Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, QuickstartResult result)
    {
        CompressResult compress = result.Compress;
        Table table = ResultTable.Create($"{compress.Model} on {compress.Data}", " dense, ONNX Runtime", " pruned, EdgeSparse", " ratio");
        table.Add(
            $"error on {Quantity.Count(compress.Verification.Samples)} test samples",
            Quantity.Percent(compress.Dense!.Error),
            Quantity.Percent(compress.Sparse!.Error),
            "");
        foreach (LayerFigures layer in compress.Layers.Append(new LayerFigures("all layers", compress.Weights.Total, compress.Weights.Kept)))
        {
            table.Add($"weights of {layer.Name}", Quantity.Count(layer.Total), $"{Quantity.Count(layer.Kept)} ({Quantity.Percent((double)layer.Kept / layer.Total, 1)})", Times(layer.Total, layer.Kept));
        }

        table.Add("file: .onnx, .esb", Quantity.Bytes(compress.OnnxBytes), Quantity.Bytes(compress.BlobBytes), Times(compress.OnnxBytes, compress.BlobBytes));
        double dense = result.Bench.OnnxRuntime!.MedianMicroseconds;
        double sparse = result.Bench.EdgeSparse.MedianMicroseconds;
        table.Add("latency, one thread, median", Microseconds(dense), Microseconds(sparse), Times(dense, sparse));
        table.Add("executable", "", Quantity.Bytes(result.Firmware.ExecutableBytes), "");
        table.Add("process start to first result", "", result.Firmware.StartMilliseconds.ToString("F1", CultureInfo.InvariantCulture) + " ms", "");
        console.Write(table);
        console.WriteFacts(
            ("verified", VerifyVerb.Words(compress.Verification)),
            ("ran", $"{result.Firmware.Right} of {result.Firmware.Samples} digits right: {string.Join(' ', result.Firmware.Command.Select(Relative))}"),
            ("took", Quantity.Time(TimeSpan.FromSeconds(result.Seconds))));
    }

    private static string Times(double dense, double sparse) =>
        sparse > 0 ? (dense / sparse).ToString("F1", CultureInfo.InvariantCulture) + "×" : "";

    private static string Microseconds(double value) => value.ToString("F2", CultureInfo.InvariantCulture) + " µs";

    /// <summary>Paths as short as they can be typed from here.</summary>
    private static string Relative(string argument)
    {
        string relative = Path.IsPathRooted(argument) ? Path.GetRelativePath(Directory.GetCurrentDirectory(), argument) : argument;
        return relative.Length < argument.Length ? relative : argument;
    }
}
