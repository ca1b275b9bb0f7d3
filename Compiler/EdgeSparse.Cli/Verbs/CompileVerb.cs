using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Profiles;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse compile IN.onnx -o OUT.esb</c>.</summary>
internal sealed class CompileVerb : Verb
{
    private readonly Argument<string> input = new("IN.onnx") { Description = "the model" };
    private readonly Option<string> output = new("--output", "-o") { Description = "the blob to write", HelpName = "OUT.esb", Required = true };
    private readonly Option<string?> target = TargetOption.Create("device to pack for; this machine when left out");
    private readonly Option<string[]> shapes = new("--input-shape")
    {
        Description = "shape of an input that the model leaves open, for example input=1x3x224x224; an only input needs no name",
        HelpName = "[NAME=]DIMS",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> tune = new("--tune") { Description = "choose each layer's weight format by measuring on this machine, which must be the target" };
    private readonly Option<string?> costs = new("--costs")
    {
        Description = "cost table to choose formats by; with --tune, what it lacks is measured and added",
        HelpName = "FILE.json",
    };

    public CompileVerb()
        : base("compile", "pack an ONNX model into a blob as it is, without training")
    {
        shapes.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => ShapeOf(t.Value) is null) is { } bad)
            {
                result.AddError($"--input-shape {bad.Value}: a shape has the form NAME=1x3x224x224 or 1x3x224x224");
            }
        });
        Add(input);
        Add(output);
        Add(target);
        Add(shapes);
        Add(tune);
        Add(costs);
    }

    protected override int Run(VerbContext context)
    {
        TargetProfile profile = TargetOption.Resolve(context.Value(target));
        bool measure = context.Value(tune);
        if (measure)
        {
            RequireThisMachine(profile);
        }

        var given = ImmutableDictionary.CreateBuilder<string, TensorShape>();
        foreach (string text in context.Required(shapes))
        {
            (string name, TensorShape shape) = ShapeOf(text)!.Value;
            given[name] = shape;
        }

        CompileResult result = CompilePipeline.Run(new CompileRequest
        {
            OnnxPath = context.Required(input),
            BlobPath = context.Required(output),
            TargetId = profile.Id,
            VectorLanes = profile.VectorLanes,
            InputShapes = given.ToImmutable(),
            Tune = measure,
            CostsPath = context.Value(costs),
            Processor = ProcessorName.Current,
        }, context.Progress, context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

    /// <exception cref="TargetsException">What is measured here would say nothing of the target.</exception>
    private static void RequireThisMachine(TargetProfile profile)
    {
        HostProcessor here = HostProcessor.Current;
        if (profile.Rid != here.Rid || !here.Supports(profile.InstructionSet))
        {
            throw new TargetsException(
                $"--tune measures on the machine that runs it, but this one ({here.Rid}) cannot run programs for '{profile.Id}' ({profile.Rid}, {profile.InstructionSet}): run it there, or give a cost table written there with --costs");
        }
    }

    /// <summary>Reads <c>NAME=1x3x224x224</c> or <c>1x3x224x224</c>; the name may itself hold an equals sign. Null for anything else.</summary>
    private static KeyValuePair<string, TensorShape>? ShapeOf(string text)
    {
        int equals = text.LastIndexOf('=');
        string[] parts = text[(equals + 1)..].Split('x', ',', '×');
        int[] dims = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out dims[i]) || dims[i] < 1)
            {
                return null;
            }
        }

        return KeyValuePair.Create(equals < 0 ? OnnxImportOptions.OnlyInput : text[..equals], new TensorShape(dims));
    }

    private static void Show(IAnsiConsole console, CompileResult result)
    {
        Table table = ResultTable.Create("layer", "format", " rows", " columns", " kept", " share", " bytes", result.Tuning is { Predicted: 0 } ? " measured µs" : " µs");
        foreach (PackedLayer layer in result.Layers)
        {
            table.Add(
                layer.Name, layer.Layout.ToString(), Quantity.Count(layer.Rows), Quantity.Count(layer.Columns), Quantity.Count(layer.NonZeros),
                Quantity.Percent((double)layer.NonZeros / ((long)layer.Rows * layer.Columns)), Quantity.Bytes(layer.Bytes),
                (layer.MeasuredMicroseconds ?? layer.PredictedMicroseconds).ToString("0.0", CultureInfo.InvariantCulture));
        }

        console.Write(table);
        console.WriteFacts(
        [
            ("weights", $"{Quantity.Count(result.Weights.Kept)} of {Quantity.Count(result.Weights.Total)}"),
            ("blob", $"{result.Blob}, {Quantity.Bytes(result.BlobBytes)} for {result.Target} (ONNX {Quantity.Bytes(result.OnnxBytes)})"),
            .. result.Tuning is { } t
                ? [("formats", $"{t.Measured} measured, {t.Known} known, {t.Predicted} predicted{(t.Costs is null ? "" : $"; {t.Costs}")}")]
                : Array.Empty<(string, string)>(),
        ]);
    }
}
