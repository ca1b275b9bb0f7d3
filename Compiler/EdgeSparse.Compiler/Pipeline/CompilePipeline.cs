using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>A network to pack as it is.</summary>
public sealed record CompileRequest
{
    /// <summary>Where it comes from.</summary>
    public required CompileSource Source { get; init; }

    public required string BlobPath { get; init; }

    /// <summary>Where the network goes as ONNX, as it was packed; null for nowhere.</summary>
    public string? OnnxPath { get; init; }

    /// <summary>Whether weights with many zeros are sparse tensors in that file.</summary>
    public bool SparseInitializers { get; init; }

    /// <summary>Id of the target profile, written into the blob.</summary>
    public required string TargetId { get; init; }

    /// <summary>Floats in a vector of the target.</summary>
    public required int VectorLanes { get; init; }

    /// <summary>What the target asks of a blob besides.</summary>
    public DeviceLimits Limits { get; init; } = DeviceLimits.None;

    /// <summary>Whether formats are chosen by measuring on this machine, which must be one of the target's.</summary>
    public bool Tune { get; init; }

    /// <summary>The cost table to choose by and, when tuning, to complete; null for the built-in costs.</summary>
    public string? CostsPath { get; init; }

    /// <summary>The data set whose samples say how many inputs of a layer are zero; null for none.</summary>
    public string? DataName { get; init; }

    /// <summary>Where data sets are.</summary>
    public DataLocations DataLocations { get; init; } = new();

    /// <summary>Architectures of GPUs whose code goes into the blob, such as <c>sm_53,sm_87</c>; null for none.</summary>
    public string? GpuArchitectures { get; init; }

    /// <summary>This machine's processor, as cost tables call it.</summary>
    public string Processor { get; init; } = "";
}

/// <summary>What became of it.</summary>
/// <param name="OnnxBytes">Length of the ONNX file read, else of the one written; null where there is neither.</param>
public sealed record CompileResult(
    string Blob, string Target, long? OnnxBytes, long BlobBytes, WeightCount Weights, ImmutableArray<PackedLayer> Layers, double Seconds)
{
    /// <summary>Where the formats' times come from; null where they were predicted from the built-in costs.</summary>
    public TuningCount? Tuning { get; init; }

    /// <summary>The code for GPUs; null where none was asked for.</summary>
    public DeviceCodeSummary? Gpu { get; init; }
}

/// <summary>Weights of convolutions and fully connected layers, biases not counted.</summary>
/// <param name="Total">All of the dense network.</param>
/// <param name="Kept">Those that are not zero.</param>
public sealed record WeightCount(long Total, long Kept)
{
    public static WeightCount Of(Graph graph)
    {
        Weight[] weights = [.. graph.PrunableNodes.Select(n => graph.WeightOf(n.PrunableWeight!))];
        return new WeightCount(weights.Sum(w => (long)w.ElementCount), weights.Sum(w => (long)w.NonZeroCount));
    }
}

/// <summary>Network to blob, with no training.</summary>
public static class CompilePipeline
{
    /// <param name="request">What to do.</param>
    /// <param name="progress">Told the layers measured.</param>
    /// <param name="cancellation">Ends measuring; no blob is written then, but the cost table keeps what was measured.</param>
    /// <exception cref="EdgeSparseException">
    /// The network cannot be read, the cost table is none, or the blob cannot be made or written.
    /// </exception>
    public static CompileResult Run(CompileRequest request, IProgressSink progress, CancellationToken cancellation = default)
    {
        Stopwatch watch = Stopwatch.StartNew();
        OutputCheck.EnsureWritable(request.BlobPath, request.Tune ? request.CostsPath : null);
        OutputCheck.EnsureWritable(request.BlobPath, request.OnnxPath);
        SourceNetwork source = request.Source.Read();
        Graph graph = InferenceSimplification.Apply(source.Graph);
        PackOptions options = new PackOptions { TargetId = request.TargetId, Lanes = request.VectorLanes, AllowedFormats = request.Limits.Formats }
            .WithProvenance(ProvenanceKeys.SourceModel, JsonValue.Create(source.Name))
            .WithProvenance(ProvenanceKeys.SourceDigest, JsonValue.Create(source.Digest));
        options = options with { NonZeroInputs = InputsOf(graph, request, progress, cancellation) };
        FormatTuning tuning = new(request.TargetId, request.VectorLanes, request.Processor, request.CostsPath, request.Tune);
        (PackedModel packed, TuningCount? count) = tuning.Pack(graph, options, progress, cancellation);
        packed = packed with { Bytes = SelfTestSection.AddGenerated(packed.Bytes.Span) };
        DeviceCodeSummary? gpu = null;
        if (request.GpuArchitectures is not null)
        {
            (byte[] withCode, gpu) = DeviceCodeSection.Add(packed.Bytes, request.GpuArchitectures, progress, cancellation);
            packed = packed with { Bytes = withCode };
        }

        request.Limits.Require(packed, request.TargetId);
        AtomicFile.Write(request.BlobPath, packed.Bytes);
        long? written = null;
        if (request.OnnxPath is not null)
        {
            byte[] onnx = OnnxExporter.ToBytes(graph, new OnnxExportOptions(request.SparseInitializers));
            AtomicFile.Write(request.OnnxPath, onnx);
            written = onnx.Length;
        }

        return new CompileResult(
            request.BlobPath, request.TargetId, source.OnnxBytes ?? written, packed.Bytes.Length, WeightCount.Of(graph), packed.Layers, watch.Elapsed.TotalSeconds)
        {
            Tuning = count,
            Gpu = gpu,
        };
    }

    private static ImmutableDictionary<string, NonZeroInputs> InputsOf(
        Graph graph, CompileRequest request, IProgressSink progress, CancellationToken cancellation)
    {
        if (request.DataName is null)
        {
            return ImmutableDictionary<string, NonZeroInputs>.Empty;
        }

        Dataset data = DatasetCatalog.Open(request.DataName, request.DataLocations, progress);
        if (graph.Inputs.Length != 1 || graph.Inputs[0].Shape.ElementCount != data.SampleShape.ElementCount)
        {
            throw new EdgeSparseException(
                $"samples of '{data.Name}' have the shape {data.SampleShape}, but the network's input is {string.Join(" and ", graph.Inputs.Select(i => i.Shape))}");
        }

        return InputSampling.Measure(graph, data.Train, InputScaling.Of(graph) ?? data.Scaling, data.Name, progress, cancellation);
    }
}
