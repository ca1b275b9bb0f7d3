using System.Collections.Immutable;
using System.Diagnostics;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>How long a stage took, and what the network was like after it.</summary>
/// <param name="Error">
/// Share of samples classified wrongly; without labels, otherwise than by the dense network; null where there are no classes.
/// </param>
/// <param name="Loss">Mean cross-entropy; without labels, mean absolute difference from the dense network's outputs.</param>
public sealed record StageReport(string Name, string Stage, string? Method, double? Error, double Loss, long WeightsKept, double Seconds);

/// <summary>The network after its stages.</summary>
/// <param name="Graph">As it will be packed.</param>
/// <param name="Dense">As it was before the first pruning.</param>
/// <param name="DenseResult">How the dense network did on the test set.</param>
/// <param name="Result">How the final one does.</param>
/// <param name="Stages">In order.</param>
internal sealed record StageOutcome(
    Graph Graph, Graph Dense, EvaluationResult DenseResult, EvaluationResult Result, ImmutableArray<StageReport> Stages);

/// <summary>
/// Runs the stages of a recipe one after the other. Finished stages of a run that was killed are not repeated: each stage finds
/// the checkpoint of its own end and gives its result at once.
/// </summary>
internal static class StageSequence
{
    public static StageOutcome Run(
        PreparedRun run, IEnumerable<RecipeStage> stages, WorkFolder work, IProgressSink progress, CancellationToken cancellation)
    {
        Graph graph = run.Graph;
        Graph? dense = null;
        EvaluationResult? denseResult = null;
        EvaluationResult? result = null;
        var reports = ImmutableArray.CreateBuilder<StageReport>();
        foreach ((int index, RecipeStage stage) in stages.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            Stopwatch watch = Stopwatch.StartNew();
            if (dense is null && StageRunner.Prunes(stage))
            {
                (dense, denseResult) = (graph, result ?? Evaluate(run, graph, run.Graph, progress));
                progress.Note($"before pruning: {Words(denseResult)}");
            }

            StageContext context = new(run, stage, StageSeed(run.Recipe.Seed, index), work.StageFolder(index, stage.Name), dense, progress, cancellation);
            graph = StageRunner.Run(graph, context);
            result = Evaluate(run, graph, dense ?? run.Graph, progress);
            WeightCount weights = WeightCount.Of(graph);
            progress.Note($"after {stage.Name}: {Words(result)}, {weights.Kept} of {weights.Total} weights");
            reports.Add(new StageReport(
                stage.Name, stage.Kind.Stage, stage.Kind.Method, result.Basis == EvaluationBasis.DenseOutputs ? null : result.Error, result.Loss, weights.Kept, watch.Elapsed.TotalSeconds));
        }

        result ??= Evaluate(run, graph, run.Graph, progress);
        return new StageOutcome(graph, dense ?? graph, denseResult ?? result, result, reports.DrainToImmutable());
    }

    /// <summary>A seed of its own for each stage, so that two stages do not see the samples in the same order.</summary>
    private static int StageSeed(int seed, int index) => (int)((seed + (index * 7919L)) & int.MaxValue);

    private static EvaluationResult Evaluate(PreparedRun run, Graph graph, Graph dense, IProgressSink progress)
    {
        using IProgressTask task = progress.Begin("measuring the error", 0, "samples");
        return Evaluator.Evaluate(graph, run.Data.Test, run.Scaling, run.Request.Device, dense);
    }

    /// <summary>For example <c>error 8.27 %, loss 0.2841</c>.</summary>
    public static string Words(EvaluationResult result) => result.Basis switch
    {
        EvaluationBasis.DenseClasses => FormattableString.Invariant($"the dense network's class in {100 - (result.Error * 100):0.00} %, outputs off by {result.Loss:0.####}"),
        EvaluationBasis.DenseOutputs => FormattableString.Invariant($"outputs off by {result.Loss:0.####}"),
        _ => FormattableString.Invariant($"error {result.Error * 100:0.00} %, loss {result.Loss:0.0000}"),
    };
}
