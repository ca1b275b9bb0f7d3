using System.CommandLine;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Targets.Profiles;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse compress --recipe R.json -o OUT.esb</c>: the main job.</summary>
internal sealed class CompressVerb : Verb
{
    private readonly RecipeOptions recipe = new();
    private readonly Option<string> output = new("--output", "-o") { Description = "the blob to write", HelpName = "OUT.esb", Required = true };
    private readonly Option<string?> onnx = new("--onnx") { Description = "also write the pruned network as ONNX", HelpName = "OUT.onnx" };
    private readonly Option<string?> target = TargetOption.Create("device to pack for, in place of the recipe's; this machine when neither says");

    public CompressVerb()
        : base("compress", "train, prune and retrain as a recipe says, then pack, verify and write the blob")
    {
        recipe.AddTo(this);
        Add(output);
        Add(onnx);
        Add(target);
    }

    protected override int Run(VerbContext context)
    {
        RunRequest run = recipe.Read(context, context.Value(target));
        TargetProfile profile = TargetOption.Resolve(run.Recipe.Recipe.Output.Target);
        CompressResult result = CompressPipeline.Run(
            new CompressRequest
            {
                Run = run,
                BlobPath = context.Required(output),
                OnnxPath = context.Value(onnx),
                WorkPath = recipe.WorkOf(context),
                TargetId = profile.Id,
                VectorLanes = profile.VectorLanes,
            },
            context.Progress,
            context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, CompressResult result)
    {
        Table layers = ResultTable.Create("layer", " weights", " kept", " share");
        foreach (LayerFigures layer in result.Layers.Append(new LayerFigures("all", result.Weights.Total, result.Weights.Kept)))
        {
            layers.Add(layer.Name, Quantity.Count(layer.Total), Quantity.Count(layer.Kept), Quantity.Percent((double)layer.Kept / layer.Total));
        }

        console.Write(layers);
        console.WriteFacts(
            ("error", $"{Quantity.Percent(result.Dense.Error)} dense, {Quantity.Percent(result.Sparse.Error)} sparse, on {Quantity.Count(result.Verification.Samples)} samples"),
            ("verified", VerifyVerb.Words(result.Verification)),
            ("blob", $"{result.Blob}, {Quantity.Bytes(result.BlobBytes)} for {result.Target}"),
            ("onnx", $"{result.Onnx ?? "not written"}, {Quantity.Bytes(result.OnnxBytes)}"),
            ("took", Quantity.Time(TimeSpan.FromSeconds(result.Seconds))));
    }
}
