using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>The main job: recipe → train, prune, retrain → ONNX → blob → verified against ONNX Runtime → written.</summary>
public static class CompressPipeline
{
    /// <param name="request">What to do.</param>
    /// <param name="progress">Told how far it is, and the error after each stage.</param>
    /// <param name="cancellation">Stops the run; the same request goes on from there later.</param>
    /// <exception cref="EdgeSparseException">Something does not fit, found before any work where that is possible; no output is written then.</exception>
    public static CompressResult Run(CompressRequest request, IProgressSink progress, CancellationToken cancellation = default)
    {
        Stopwatch watch = Stopwatch.StartNew();
        OutputCheck.EnsureWritable(request.BlobPath, request.OnnxPath);
        PreparedRun run = PreparedRun.Of(request.Run, progress);
        using WorkFolder work = WorkFolder.Open(request.WorkPath ?? $"{request.BlobPath}.work", run.Key, progress);
        StageOutcome outcome = StageSequence.Run(run, run.Recipe.Stages, work, progress, cancellation);

        Graph deployed = InferenceSimplification.Apply(outcome.Graph);
        byte[] onnx = OnnxExporter.ToBytes(deployed, new OnnxExportOptions(request.SparseInitializers));
        PackOptions options = Options(request, run, outcome) with
        {
            NonZeroInputs = InputSampling.Measure(deployed, run.Data.Train, run.Scaling, run.Data.Name, progress, cancellation),
        };
        PackedModel packed = Packer.Pack(deployed, options);
        request.Limits.Require(packed, request.TargetId);
        VerificationReport verification = Verify(run, packed, onnx, progress, cancellation);
        packed = packed with { Bytes = WithSelfTest(packed.Bytes, run) };
        AtomicFile.Write(request.BlobPath, packed.Bytes);
        if (request.OnnxPath is not null)
        {
            AtomicFile.Write(request.OnnxPath, onnx);
        }

        work.Remove();
        (NetworkCost before, NetworkCost after) = (NetworkCost.Of(outcome.Dense), NetworkCost.Of(outcome.Graph));
        return new CompressResult
        {
            Recipe = run.Recipe.Name,
            Model = run.ModelName,
            Data = run.Data.Name,
            Seed = run.Recipe.Seed,
            Target = request.TargetId,
            Dense = verification.SparseError is null ? null : ErrorFigures.Of(outcome.DenseResult),
            Sparse = verification.SparseError is { } error ? new ErrorFigures(error, outcome.Result.Loss) : null,
            Agreement = verification.SparseError is null ? AgreementFigures.Of(outcome.Result) : null,
            Weights = new WeightCount(WeightCount.Of(outcome.Dense).Total, WeightCount.Of(deployed).Kept),
            Macs = new BeforeAndAfter(before.Macs, after.Macs),
            Parameters = new BeforeAndAfter(before.Parameters, after.Parameters),
            Layers = LayerFigures.Of(outcome.Dense, deployed),
            Verification = verification,
            Stages = outcome.Stages,
            Blob = request.BlobPath,
            BlobBytes = packed.Bytes.Length,
            Onnx = request.OnnxPath,
            OnnxBytes = onnx.Length,
            Seconds = watch.Elapsed.TotalSeconds,
        };
    }

    private static PackOptions Options(CompressRequest request, PreparedRun run, StageOutcome outcome)
    {
        string recipe = request.Run.Recipe.Json;
        PackOptions options = new PackOptions { TargetId = request.TargetId, Lanes = request.VectorLanes, AllowedFormats = request.Limits.Formats }
            .WithProvenance(ProvenanceKeys.SourceModel, JsonValue.Create(run.ModelName))
            .WithProvenance(ProvenanceKeys.Recipe, JsonNode.Parse(recipe))
            .WithProvenance(ProvenanceKeys.RecipeDigest, JsonValue.Create($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(recipe)))}"))
            .WithProvenance(ProvenanceKeys.Dataset, JsonValue.Create(run.Data.Name))
            .WithProvenance(ProvenanceKeys.Seed, JsonValue.Create(run.Recipe.Seed));
        if (outcome.Result.Basis == EvaluationBasis.Labels)
        {
            options = options
                .WithProvenance(ProvenanceKeys.DenseError, JsonValue.Create(outcome.DenseResult.Error))
                .WithProvenance(ProvenanceKeys.SparseError, JsonValue.Create(outcome.Result.Error));
        }

        return run.SourceDigests.IsEmpty
            ? options
            : options.WithProvenance(ProvenanceKeys.SourceDigest, JsonValue.Create(string.Join(' ', run.SourceDigests)));
    }

    /// <summary>The first sample that the verification has compared goes with the blob.</summary>
    private static byte[] WithSelfTest(ReadOnlyMemory<byte> blob, PreparedRun run)
    {
        float[] sample = new float[run.Data.SampleShape.ElementCount];
        run.Data.Test.Read(0, sample);
        run.Scaling?.Scale(sample);
        return SelfTestSection.Add(blob.Span, [sample]);
    }

    private static VerificationReport Verify(
        PreparedRun run, PackedModel packed, byte[] onnx, IProgressSink progress, CancellationToken cancellation)
    {
        using Model model = Model.FromBytes(packed.Bytes.Span);
        using OnnxRuntimeModel reference = new(onnx, threads: 1);
        VerificationReport report = Verifier.Verify(model, reference, run.Data.Test, run.Scaling, progress, cancellation);
        return report.Passed
            ? report
            : throw new EdgeSparseException(
                $"the blob does not compute what ONNX Runtime does: {report.Mismatches} of {report.Samples} samples differ, the first is {report.FirstMismatch}, "
                + $"by up to {report.LargestRelative:G3} relative; nothing was written");
    }
}
