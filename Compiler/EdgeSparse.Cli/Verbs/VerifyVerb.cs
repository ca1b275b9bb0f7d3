using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse verify OUT.esb --against OUT.onnx --data NAME</c>: exit code 1 when they do not agree.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string> blob = new("MODEL.esb") { Description = "the blob" };
    private readonly Option<string> against = new("--against") { Description = "the ONNX model it stands for", HelpName = "MODEL.onnx", Required = true };
    private readonly Option<string> data = new("--data") { Description = "the data set whose test samples are run", HelpName = "NAME", Required = true };
    private readonly Option<string?> dataDir = DataDirOption.Create();

    public VerifyVerb()
        : base("verify", "compare a blob with ONNX Runtime over a whole test set")
    {
        Add(blob);
        Add(against);
        Add(data);
        Add(dataDir);
    }

    /// <summary>For example <c>10,000 of 10,000 samples agree, largest difference 1.2e-07 relative</c>.</summary>
    public static string Words(VerificationReport report)
    {
        string ties = report.Ties > 0 ? $" ({report.Ties} ties)" : "";
        string difference = report.LargestRelative.ToString("0.#e-00", CultureInfo.InvariantCulture);
        return $"{Quantity.Count(report.Samples - report.Mismatches)} of {Quantity.Count(report.Samples)} samples agree{ties}, largest difference {difference} relative";
    }

    protected override int Run(VerbContext context)
    {
        using Model model = Model.Load(context.Required(blob));
        using OnnxRuntimeModel reference = new(context.Required(against), threads: 1);
        Dataset set = DatasetCatalog.Open(context.Required(data), DataDirOption.Locations(context, dataDir), context.Progress);
        Verifier.RequireFits(model, set);
        VerificationReport report = Verifier.Verify(model, reference, set.Test, ScalingOf(model), context.Progress, context.Cancellation);
        context.Report(report, Show);
        return report.Passed ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>How the blob says that pixels become input; null when it says nothing.</summary>
    public static InputScaling? ScalingOf(Model model) =>
        model.Inputs.Count == 1 && model.Inputs[0].Scaling is { } scaling ? new InputScaling(scaling.Mean, scaling.Std) : null;

    private static void Show(IAnsiConsole console, VerificationReport report)
    {
        (string, string)[] failure = report.FirstMismatch is { } first
            ? [("first wrong", $"sample {first}; largest difference {report.LargestAbsolute.ToString("0.#e-00", CultureInfo.InvariantCulture)} absolute")]
            : [];
        console.WriteFacts(
        [
            ("verified", Words(report)),
            .. report is { SparseError: { } blob, ReferenceError: { } reference }
                ? [("error", $"{Quantity.Percent(blob)} blob, {Quantity.Percent(reference)} ONNX Runtime")]
                : Array.Empty<(string, string)>(),
            .. failure,
            ("result", report.Passed ? "they agree" : "they do NOT agree"),
        ]);
    }
}
