using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>A measured point of a sensitivity scan.</summary>
/// <param name="Layer">The only layer pruned.</param>
/// <param name="Asked">The density asked for.</param>
/// <param name="Density">The density reached.</param>
/// <param name="Quality">The quality parameter that prunes as much.</param>
/// <param name="Error">Share of the test samples wrong, nothing retrained.</param>
public sealed record ScanPoint(string Layer, double Asked, double Density, double Quality, double Error);

/// <summary>A whole scan.</summary>
public sealed record ScanResult(string Model, string Data, ErrorFigures Dense, ImmutableArray<ScanPoint> Points);

/// <summary>A sensitivity scan of the network that a recipe names.</summary>
public static class ScanPipeline
{
    /// <exception cref="EdgeSparseException">Model, weights and data are missing or do not fit, or a density is out of range.</exception>
    public static ScanResult Run(RunRequest request, IReadOnlyList<double> densities, IProgressSink progress, CancellationToken cancellation = default)
    {
        PreparedRun run = PreparedRun.Of(request, progress);
        Graph graph = run.Graph;
        EvaluationResult dense = Evaluator.Evaluate(graph, run.Data.Test, run.Scaling, request.Device);
        ImmutableArray<SensitivityPoint> points =
            SensitivityScan.Run(graph, densities, run.Data.Test, run.Scaling, progress, request.Device, cancellation);
        return new ScanResult(
            run.ModelName,
            run.Data.Name,
            ErrorFigures.Of(dense),
            [.. points.Select(p => new ScanPoint(p.Layer, densities.MinBy(d => Math.Abs(d - p.Density)), p.Density, p.Quality, p.Error))]);
    }
}
