using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using EdgeSparse.Targets.Profiles;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse conformance FOLDER</c>: exit code 1 when a test fails.</summary>
internal sealed class ConformanceVerb : Verb
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "ONNX's backend tests: a folder of NAME/model.onnx with test_data_set_K/input_I.pb and output_I.pb, or a .tar.gz of it" };
    private readonly Option<string?> filter = new("--filter") { Description = "only tests whose name has this text", HelpName = "TEXT" };
    private readonly Option<bool> list = new("--list") { Description = "name the tests and run none" };
    private readonly Option<double?> relative = Tolerance("--rtol", "relative tolerance; 0.001 when left out, 0.005 where anything is float16");
    private readonly Option<double?> absolute = Tolerance("--atol", "absolute tolerance; 1e-7 when left out, 0.001 where anything is float16");

    public ConformanceVerb()
        : base("conformance", "run ONNX's backend tests through importer, packer and runtime")
    {
        Add(folder);
        Add(filter);
        Add(list);
        Add(relative);
        Add(absolute);
    }

    protected override int Run(VerbContext context)
    {
        NodeTest[] tests = Choose(NodeTestSource.Read(context.Required(folder)), context.Value(filter));
        if (context.Value(list))
        {
            context.Report(new { Tests = tests.Select(t => t.Name) }, (console, _) => console.Profile.Out.Writer.Write(string.Concat(tests.Select(t => t.Name + "\n"))));
            return ExitCode.Success;
        }

        TargetProfile host = TargetOption.Resolve(context, null);
        ConformanceReport report = Conformance.Run(
            tests,
            new PackOptions { TargetId = host.Id, Lanes = host.VectorLanes },
            new NodeTestTolerance(context.Value(absolute), context.Value(relative)),
            context.Progress,
            context.Cancellation);
        context.Report(report, Show);
        return report.Failed > 0 ? ExitCode.Failure : ExitCode.Success;
    }

    private static NodeTest[] Choose(IReadOnlyList<NodeTest> tests, string? text)
    {
        NodeTest[] chosen = [.. tests.Where(t => text is null || t.Name.Contains(text, StringComparison.Ordinal))];
        return chosen.Length > 0 ? chosen : throw new EdgeSparseException($"none of the {tests.Count} tests has '{text}' in its name");
    }

    private static Option<double?> Tolerance(string name, string description)
    {
        Option<double?> option = new(name) { Description = description, HelpName = "X" };
        option.Validators.Add(result =>
        {
            // What is no number at all, the parser tells.
            if (result.Tokens is [{ Value: string word }]
                && double.TryParse(word, CultureInfo.InvariantCulture, out double value)
                && !(double.IsFinite(value) && value >= 0))
            {
                result.AddError($"{name} must be a number that is not negative");
            }
        });
        return option;
    }

    private static void Show(IAnsiConsole console, ConformanceReport report)
    {
        if (report.Failed > 0)
        {
            Table failures = ResultTable.Create("failed", "why");
            foreach (ConformanceTest test in report.Tests.Where(t => t.Result == NodeTestResult.Failed))
            {
                failures.Add(test.Name, test.Reason);
            }

            console.Write(failures);
        }

        if (report.Unsupported > 0)
        {
            Table unsupported = ResultTable.Create(" tests", "unsupported because");
            foreach (ConformanceReason reason in report.Reasons.Where(r => r.Result == NodeTestResult.Unsupported))
            {
                unsupported.Add($"{reason.Count}", reason.Reason);
            }

            console.Write(unsupported);
        }

        double share = (double)report.Passed / report.Tests.Length;
        console.WriteFacts(
            ("passed", $"{Quantity.Count(report.Passed)} of {Quantity.Count(report.Tests.Length)}, {Quantity.Percent(share)}"),
            ("failed", Quantity.Count(report.Failed)),
            ("unsupported", Quantity.Count(report.Unsupported)));
    }
}
