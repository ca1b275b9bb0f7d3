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

/// <summary><c>edgesparse compile IN.onnx -o OUT.esb</c>, or <c>--network NAME --weights FILE</c> in place of the file.</summary>
internal sealed class CompileVerb : Verb
{
    private readonly Argument<string?> input = new("IN.onnx") { Description = "the model; none with --network", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> network = new("--network") { Description = "a network of the zoo in place of a model, such as resnet-20", HelpName = "NAME" };
    private readonly Option<string?> weights = new("--weights")
    {
        Description = "the zoo network's weights: a PyTorch state dictionary, or safetensors with its names",
        HelpName = "FILE",
    };

    private readonly Option<string> output = new("--output", "-o") { Description = "the blob to write", HelpName = "OUT.esb", Required = true };
    private readonly Option<string?> onnx = new("--onnx") { Description = "also write the network as ONNX", HelpName = "OUT.onnx" };
    private readonly Option<bool> sparse = SparseInitializersOption.Create();
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

    private readonly Option<string?> data = new("--data")
    {
        Description = "data set like what the network will be given: layers whose inputs are mostly zeros may get the format csc",
        HelpName = "NAME",
    };

    private readonly Option<string?> gpu = new("--gpu")
    {
        Description = "put the network's kernels into the blob, compiled to PTX for these NVIDIA architectures, for example sm_53,sm_72,sm_87,sm_90; no GPU is needed here",
        HelpName = "sm_NN,…",
    };

    private readonly Option<string?> dataDir = DataDirOption.Create();

    public CompileVerb()
        : base("compile", "pack a trained network into a blob as it is: an ONNX model, or one of the zoo with weights")
    {
        shapes.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => ShapeOf(t.Value) is null) is { } bad)
            {
                result.AddError($"--input-shape {bad.Value}: a shape has the form NAME=1x3x224x224 or 1x3x224x224");
            }
        });
        Validators.Add(result =>
        {
            bool hasModel = result.GetResult(input) is { Tokens.Count: > 0 };
            bool hasNetwork = result.GetResult(network) is not null;
            if (hasModel == hasNetwork)
            {
                result.AddError(hasModel
                    ? "IN.onnx and --network exclude each other"
                    : "give IN.onnx, or --network NAME --weights FILE");
            }
            else if (hasNetwork != result.GetResult(weights) is not null)
            {
                result.AddError("--network and --weights need each other: the network of the zoo, and the file with its weights");
            }
            else if (hasNetwork && result.GetResult(shapes) is { Implicit: false })
            {
                result.AddError("--input-shape is for models that leave a shape open; networks of the zoo do not");
            }
        });
        Add(input);
        Add(network);
        Add(weights);
        Add(output);
        Add(onnx);
        Add(sparse);
        SparseInitializersOption.Need(this, sparse, onnx);
        Add(target);
        Add(shapes);
        Add(tune);
        Add(costs);
        Add(gpu);
        Add(data);
        Add(dataDir);
    }

    protected override int Run(VerbContext context)
    {
        TargetProfile profile = TargetOption.Resolve(context, context.Value(target));
        bool measure = context.Value(tune);
        if (measure)
        {
            RequireThisMachine(profile);
        }

        CompileResult result = CompilePipeline.Run(new CompileRequest
        {
            Source = SourceOf(context),
            BlobPath = context.Required(output),
            OnnxPath = context.Value(onnx),
            SparseInitializers = context.Value(sparse),
            TargetId = profile.Id,
            VectorLanes = profile.VectorLanes,
            Limits = TargetOption.LimitsOf(profile),
            Tune = measure,
            CostsPath = context.Value(costs),
            GpuArchitectures = context.Value(gpu),
            DataName = context.Value(data),
            DataLocations = DataDirOption.Locations(context, dataDir),
            Processor = ProcessorName.Current,
        }, context.Progress, context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

    private CompileSource SourceOf(VerbContext context)
    {
        if (context.Value(network) is { } name)
        {
            return new ZooSource(name, context.Value(weights)!);
        }

        var given = ImmutableDictionary.CreateBuilder<string, TensorShape>();
        foreach (string text in context.Required(shapes))
        {
            (string tensor, TensorShape shape) = ShapeOf(text)!.Value;
            given[tensor] = shape;
        }

        return new OnnxSource(context.Value(input)!, given.ToImmutable());
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
            ("blob", $"{result.Blob}, {Quantity.Bytes(result.BlobBytes)} for {result.Target}{(result.OnnxBytes is { } bytes ? $" (ONNX {Quantity.Bytes(bytes)})" : "")}"),
            .. result.Tuning is { } t
                ? [("formats", $"{t.Measured} measured, {t.Known} known, {t.Predicted} predicted{(t.Costs is null ? "" : $"; {t.Costs}")}")]
                : Array.Empty<(string, string)>(),
            .. result.Gpu is { } g
                ? [("GPU code", $"{g.Kernels.Length} kernels for {string.Join(", ", g.Architectures)}, {Quantity.Bytes(g.Bytes)}; {Quantity.Bytes(g.DeviceBytes)} of device memory")]
                : Array.Empty<(string, string)>(),
        ]);
    }
}
