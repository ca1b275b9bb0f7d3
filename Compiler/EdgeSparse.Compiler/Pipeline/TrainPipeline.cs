using System.Collections.Immutable;
using System.Diagnostics;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>A run that ends with a trained dense network.</summary>
public sealed record TrainRequest
{
    public required RunRequest Run { get; init; }

    /// <summary>A file that ends in <c>.safetensors</c> (weights alone) or <c>.onnx</c> (the network).</summary>
    public required string OutputPath { get; init; }

    /// <summary>Where checkpoints are kept until the run is done; null: beside the output.</summary>
    public string? WorkPath { get; init; }
}

/// <summary>What the run came to.</summary>
public sealed record TrainResult(
    string Recipe, string Model, string Data, int Seed, ErrorFigures Dense, WeightCount Weights, ImmutableArray<StageReport> Stages, string Output, double Seconds);

/// <summary>The stages of a recipe before its first pruning.</summary>
public static class TrainPipeline
{
    /// <exception cref="EdgeSparseException">Something does not fit, found before any work where that is possible; no output is written then.</exception>
    public static TrainResult Run(TrainRequest request, IProgressSink progress, CancellationToken cancellation = default)
    {
        Stopwatch watch = Stopwatch.StartNew();
        bool onnx = Path.GetExtension(request.OutputPath) switch
        {
            ".onnx" => true,
            ".safetensors" => false,
            _ => throw new EdgeSparseException($"cannot tell from '{request.OutputPath}' what to write; the name must end in .safetensors or .onnx"),
        };
        OutputCheck.EnsureWritable(request.OutputPath);
        RecipeFile recipe = request.Run.Recipe;
        RecipeStage[] stages = [.. recipe.Recipe.Stages.TakeWhile(s => !StageRunner.Prunes(s))];
        if (stages.Length == 0)
        {
            throw new EdgeSparseException($"'{recipe.Path}' begins with pruning; there is nothing to train before it");
        }

        PreparedRun run = PreparedRun.Of(request.Run, progress);
        using WorkFolder work = WorkFolder.Open(request.WorkPath ?? $"{request.OutputPath}.work", run.Key, progress);
        StageOutcome outcome = StageSequence.Run(run, stages, work, progress, cancellation);
        if (onnx)
        {
            OnnxExporter.Write(outcome.Graph, request.OutputPath);
        }
        else
        {
            SafetensorsFile.Write(outcome.Graph, request.OutputPath);
        }

        work.Remove();
        return new TrainResult(
            run.Recipe.Name, run.ModelName, run.Data.Name, run.Recipe.Seed, ErrorFigures.Of(outcome.Result), WeightCount.Of(outcome.Graph),
            outcome.Stages, request.OutputPath, watch.Elapsed.TotalSeconds);
    }
}
