using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>An ONNX file to pack as it is.</summary>
public sealed record CompileRequest
{
    public required string OnnxPath { get; init; }

    public required string BlobPath { get; init; }

    /// <summary>Id of the target profile, written into the blob.</summary>
    public required string TargetId { get; init; }

    /// <summary>Floats in a vector of the target.</summary>
    public required int VectorLanes { get; init; }

    /// <summary>Shapes of inputs that the file leaves open.</summary>
    public ImmutableDictionary<string, TensorShape>? InputShapes { get; init; }

    /// <summary>Whether formats are chosen by measuring on this machine, which must be one of the target's.</summary>
    public bool Tune { get; init; }

    /// <summary>The cost table to choose by and, when tuning, to complete; null for the built-in costs.</summary>
    public string? CostsPath { get; init; }

    /// <summary>This machine's processor, as cost tables call it.</summary>
    public string Processor { get; init; } = "";
}

/// <summary>What became of it.</summary>
public sealed record CompileResult(
    string Blob, string Target, long OnnxBytes, long BlobBytes, WeightCount Weights, ImmutableArray<PackedLayer> Layers, double Seconds)
{
    /// <summary>Where the formats' times come from; null where they were predicted from the built-in costs.</summary>
    public TuningCount? Tuning { get; init; }
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

/// <summary>ONNX to blob, with no training.</summary>
public static class CompilePipeline
{
    /// <param name="request">What to do.</param>
    /// <param name="progress">Told the layers measured.</param>
    /// <param name="cancellation">Ends measuring; nothing is written then.</param>
    /// <exception cref="EdgeSparseException">
    /// The file is no supported ONNX model, the cost table is none, or the blob cannot be made or written.
    /// </exception>
    public static CompileResult Run(CompileRequest request, IProgressSink progress, CancellationToken cancellation = default)
    {
        Stopwatch watch = Stopwatch.StartNew();
        OutputCheck.EnsureWritable(request.BlobPath, request.Tune ? request.CostsPath : null);
        Graph graph = InferenceSimplification.Apply(OnnxImporter.Read(request.OnnxPath, new OnnxImportOptions(request.InputShapes)));
        byte[] source = File.ReadAllBytes(request.OnnxPath);
        PackOptions options = new PackOptions { TargetId = request.TargetId, Lanes = request.VectorLanes }
            .WithProvenance(ProvenanceKeys.SourceModel, JsonValue.Create(Path.GetFileName(request.OnnxPath)))
            .WithProvenance(ProvenanceKeys.SourceDigest, JsonValue.Create($"sha256:{Convert.ToHexStringLower(SHA256.HashData(source))}"));
        FormatTuning tuning = new(request.TargetId, request.VectorLanes, request.Processor, request.CostsPath, request.Tune);
        (PackedModel packed, TuningCount? count) = tuning.Pack(graph, options, progress, cancellation);
        AtomicFile.Write(request.BlobPath, packed.Bytes);
        return new CompileResult(
            request.BlobPath, request.TargetId, source.Length, packed.Bytes.Length, WeightCount.Of(graph), packed.Layers, watch.Elapsed.TotalSeconds)
        {
            Tuning = count,
        };
    }
}
