using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Targets.Profiles;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse compress --recipe R.json -o OUT.esb</c>: the main job.</summary>
internal sealed class CompressVerb : Verb
{
    private readonly RecipeOptions recipe = new(needsRecipe: false);
    private readonly Option<string> output = new("--output", "-o") { Description = "the blob to write", HelpName = "OUT.esb", Required = true };
    private readonly Option<string?> onnx = new("--onnx") { Description = "also write the pruned network as ONNX", HelpName = "OUT.onnx" };
    private readonly Option<bool> sparse = SparseInitializersOption.Create();
    private readonly Option<bool> calibrate = new("--calibrate-only")
    {
        Description = "no training: prune by magnitude and solve what stays layer by layer, on inputs that need no labels; a recipe is not needed beside --model",
    };

    private readonly Option<int?> samples = new("--calibration-samples")
    {
        Description = "how many samples --calibrate-only solves weights on; 512 when neither this nor a recipe says",
        HelpName = "N",
    };

    private readonly Option<string?> target = TargetOption.Create("device to pack for, in place of the recipe's; this machine when neither says");

    public CompressVerb()
        : base("compress", "train, prune and retrain as a recipe says, then pack, verify and write the blob")
    {
        recipe.AddTo(this);
        Add(output);
        Add(onnx);
        Add(sparse);
        Add(calibrate);
        Add(samples);
        Add(target);
        SparseInitializersOption.Need(this, sparse, onnx);
        Validators.Add(result =>
        {
            if (!result.GetValue(calibrate))
            {
                if (result.GetResult(samples) is not null)
                {
                    result.AddError("--calibration-samples goes with --calibrate-only; without it, say --set STAGE.samples=N");
                }
                else if (!recipe.HasRecipe(result))
                {
                    result.AddError("Option '--recipe' is required");
                }
            }
        });
    }

    protected override int Run(VerbContext context)
    {
        RunRequest run = context.Value(calibrate)
            ? recipe.ReadForCalibration(context, context.Value(target), context.Value(samples))
            : recipe.Read(context, context.Value(target));
        TargetProfile profile = TargetOption.Resolve(context, run.Recipe.Recipe.Output.Target);
        CompressResult result = CompressPipeline.Run(
            new CompressRequest
            {
                Run = run,
                BlobPath = context.Required(output),
                OnnxPath = context.Value(onnx),
                SparseInitializers = context.Value(sparse),
                WorkPath = recipe.WorkOf(context),
                TargetId = profile.Id,
                VectorLanes = profile.VectorLanes,
                Limits = TargetOption.LimitsOf(profile),
            },
            context.Progress,
            context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, CompressResult result)
    {
        bool shrunk = result.Macs.After < result.Macs.Before;
        Table layers = ResultTable.Create(["layer", .. shrunk ? [" channels"] : Array.Empty<string>(), " weights", " kept", " share"]);
        foreach (LayerFigures layer in result.Layers.Append(new LayerFigures("all", result.Weights.Total, result.Weights.Kept)))
        {
            string[] channels = shrunk ? [layer.Channels is { } c ? $"{c.After} of {c.Before}" : ""] : [];
            layers.Add([layer.Name, .. channels, Quantity.Count(layer.Total), Quantity.Count(layer.Kept), Quantity.Percent((double)layer.Kept / layer.Total)]);
        }

        console.Write(layers);
        console.WriteFacts(
            Quality(result),
            ("multiplications", Change(result.Macs)),
            ("parameters", Change(result.Parameters)),
            ("verified", VerifyVerb.Words(result.Verification)),
            ("blob", $"{result.Blob}, {Quantity.Bytes(result.BlobBytes)} for {result.Target}"),
            ("onnx", $"{result.Onnx ?? "not written"}, {Quantity.Bytes(result.OnnxBytes)}"),
            ("took", Quantity.Time(TimeSpan.FromSeconds(result.Seconds))));
    }

    private static string Change(BeforeAndAfter count) => count.After == count.Before
        ? Quantity.Count(count.Before)
        : $"{Quantity.Count(count.After)} of {Quantity.Count(count.Before)}, {Quantity.Percent((double)count.After / count.Before)}";

    private static (string, string) Quality(CompressResult result)
    {
        string samples = $"on {Quantity.Count(result.Verification.Samples)} samples";
        if (result is { Dense: { } dense, Sparse: { } sparse })
        {
            return ("error", $"{Quantity.Percent(dense.Error)} dense, {Quantity.Percent(sparse.Error)} sparse, {samples}");
        }

        AgreementFigures agreement = result.Agreement!;
        string classes = agreement.SameClass is { } share ? $"the dense network's class in {Quantity.Percent(share)}, " : "";
        return ("agreement", $"{classes}outputs off by {agreement.MeanAbsolute.ToString("0.####", CultureInfo.InvariantCulture)} on average, {samples}");
    }
}
