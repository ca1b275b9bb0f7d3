using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Pipeline;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse run OUT.esb --input X.npy -o Y.npy</c>.</summary>
internal sealed class RunVerb : Verb
{
    private const int LinesShown = 20;

    private readonly Argument<string> blob = new("MODEL.esb") { Description = "the blob" };
    private readonly Option<string> input = new("--input")
    {
        Description = "samples: .npy, .idx or .png, also gzipped; pixels are scaled as the blob says",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string?> output = new("--output", "-o") { Description = "takes the outputs of all samples", HelpName = "Y.npy" };

    public RunVerb()
        : base("run", "run a blob over the samples of a file")
    {
        Add(blob);
        Add(input);
        Add(output);
    }

    protected override int Run(VerbContext context)
    {
        InferenceResult result = InferencePipeline.Run(context.Required(blob), context.Required(input), context.Value(output));
        context.Report(result, Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, InferenceResult result)
    {
        Table table = ResultTable.Create(" sample", " class", " output");
        for (int i = 0; i < Math.Min(LinesShown, result.Samples); i++)
        {
            Prediction prediction = result.Predictions[i];
            table.Add(
                Quantity.Count(i), prediction.Class.ToString(CultureInfo.InvariantCulture), prediction.Value.ToString("G5", CultureInfo.InvariantCulture));
        }

        console.Write(table);
        if (result.Samples > LinesShown)
        {
            console.WriteLine($"  … and {Quantity.Count(result.Samples - LinesShown)} more (--json prints all, -o writes the outputs)");
        }
    }
}
