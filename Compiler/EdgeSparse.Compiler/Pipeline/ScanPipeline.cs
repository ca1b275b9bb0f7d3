using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>A measured point of a sensitivity scan.</summary>
/// <param name="Layer">The only layer pruned.</param>
/// <param name="Asked">The density asked for; N/M where the recipe prunes the layer N:M.</param>
/// <param name="Density">The density reached.</param>
/// <param name="Quality">The quality parameter that prunes as much; null for N:M, which none does.</param>
/// <param name="Error">Share of the test samples wrong, nothing retrained.</param>
public sealed record ScanPoint(string Layer, double Asked, double Density, double? Quality, double Error);

/// <summary>A whole scan.</summary>
public sealed record ScanResult(string Model, string Data, ErrorFigures Dense, ImmutableArray<ScanPoint> Points);

/// <summary>A sensitivity scan of the network that a recipe names, in the granularity of its first stage that prunes.</summary>
public static class ScanPipeline
{
    /// <exception cref="EdgeSparseException">Model, weights and data are missing or do not fit, or a density is out of range.</exception>
    public static ScanResult Run(RunRequest request, IReadOnlyList<double> densities, IProgressSink progress, CancellationToken cancellation = default)
    {
        PreparedRun run = PreparedRun.Of(request, progress);
        Graph graph = run.Graph;
        EvaluationResult dense = Evaluator.Evaluate(graph, run.Data.Test, run.Scaling, request.Device, graph);
        HanPruningOptions options = run.Recipe.Stages.Select(s => s.Options).OfType<HanPruningOptions>().FirstOrDefault() ?? new HanPruningOptions();
        if (PruningTargets.Exceptions(graph, options, _ => true) is { } exceptions)
        {
            progress.Note(exceptions);
        }

        ImmutableArray<SensitivityPoint> points = SensitivityScan.Run(
            graph, densities, run.Data.Test, run.Scaling, progress, request.Device, n => PruningTargets.GranularityOf(graph, n, options), cancellation);
        return new ScanResult(
            run.ModelName,
            run.Data.Name,
            ErrorFigures.Of(dense),
            [.. points.Select(p => new ScanPoint(p.Layer, p.Asked, p.Density, p.Quality, p.Error))]);
    }
}
