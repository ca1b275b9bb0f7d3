using System.CommandLine;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Pipeline;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse train --recipe R.json -o OUT.safetensors</c>: the stages before the first pruning.</summary>
internal sealed class TrainVerb : Verb
{
    private readonly RecipeOptions recipe = new();
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = "weights (.safetensors) or network (.onnx) to write",
        HelpName = "FILE",
        Required = true,
    };

    public TrainVerb()
        : base("train", "train the dense network of a recipe: its stages before the first pruning")
    {
        recipe.AddTo(this);
        Add(output);
    }

    protected override int Run(VerbContext context)
    {
        TrainResult result = TrainPipeline.Run(
            new TrainRequest { Run = recipe.Read(context), OutputPath = context.Required(output), WorkPath = recipe.WorkOf(context) },
            context.Progress,
            context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, TrainResult result) => console.WriteFacts(
        ("error", $"{Quantity.Percent(result.Dense.Error)} on {result.Data}"),
        ("weights", Quantity.Count(result.Weights.Total)),
        ("written", result.Output),
        ("took", Quantity.Time(TimeSpan.FromSeconds(result.Seconds))));
}
