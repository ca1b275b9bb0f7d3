using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Criteria;
using EdgeSparse.Compiler.Pruning.Reconstruction;
using EdgeSparse.Compiler.Pruning.Structured.DepGraph;
using EdgeSparse.Compiler.Pruning.Structured.GateDecorator;
using EdgeSparse.Compiler.Pruning.Structured.Oto;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>What a stage has to work with.</summary>
/// <param name="Run">Data, scaling, device.</param>
/// <param name="Stage">The stage itself.</param>
/// <param name="Seed">Of this stage.</param>
/// <param name="Folder">For its checkpoints.</param>
/// <param name="Dense">The network before the first pruning, to distil from; null before there was one.</param>
/// <param name="Progress">Told how far the stage is.</param>
/// <param name="Cancellation">Stops it, its checkpoint written.</param>
internal sealed record StageContext(
    PreparedRun Run, RecipeStage Stage, int Seed, string Folder, Graph? Dense, IProgressSink Progress, CancellationToken Cancellation);

/// <summary>From a stage of a recipe to the code that does it.</summary>
internal static class StageRunner
{
    private delegate Graph Runner(Graph graph, object options, StageContext context);

    private static readonly ImmutableDictionary<Type, Runner> Runners = new Dictionary<Type, Runner>
    {
        [typeof(TrainingOptions)] = (graph, options, context) =>
            Trainer.Train(graph, RunOf((TrainingOptions)options, context), context.Progress, context.Cancellation).Graph,
        [typeof(HanPruningOptions)] = (graph, options, context) =>
            HanPruner.Run(graph, (HanPruningOptions)options, RunOf(new TrainingOptions(), context), context.Progress, context.Cancellation).Graph,
        [typeof(ReconstructionOptions)] = (graph, options, context) =>
            Reconstruct(graph, (ReconstructionOptions)options, context),
        [typeof(MagnitudeOptions)] = Criterion,
        [typeof(RandomOptions)] = Criterion,
        [typeof(MovementOptions)] = Criterion,
        [typeof(DiagonalFisherOptions)] = Criterion,
        [typeof(KroneckerOptions)] = Criterion,
        [typeof(WoodFisherOptions)] = Criterion,
        [typeof(DepGraphOptions)] = (graph, options, context) =>
            DepGraphPruner.Run(graph, (DepGraphOptions)options, RunOf(new TrainingOptions(), context), context.Progress, context.Cancellation),
        [typeof(OtoOptions)] = (graph, options, context) =>
            OtoPruner.Run(graph, (OtoOptions)options, RunOf(new TrainingOptions(), context), context.Progress, context.Cancellation),
        [typeof(GateDecoratorOptions)] = (graph, options, context) =>
            GateDecoratorPruner.Run(graph, (GateDecoratorOptions)options, RunOf(new TrainingOptions(), context), context.Progress, context.Cancellation),
    }.ToImmutableDictionary();

    /// <summary>Whether there is code for stages with such options.</summary>
    public static bool Runs(Type options) => Runners.ContainsKey(options);

    /// <summary>Whether the stage takes weights away, so that the network before it counts as the dense one.</summary>
    public static bool Prunes(RecipeStage stage) => stage.Options is not TrainingOptions;

    public static Graph Run(Graph graph, StageContext context) =>
        Runners[context.Stage.Kind.Options](graph, context.Stage.Options, context);

    private static Graph Criterion(Graph graph, object options, StageContext context) =>
        CriterionPruner.Run(graph, (CriterionOptions)options, RunOf(new TrainingOptions(), context), context.Progress, context.Cancellation);

    private static Graph Reconstruct(Graph graph, ReconstructionOptions options, StageContext context)
    {
        ReconstructionResult result = ReconstructionPruner.Run(
            graph, options, RunOf(new TrainingOptions(), context), context.Progress, context.Cancellation);
        PreparedRun run = context.Run;
        EvaluationResult before = Evaluator.Evaluate(result.Magnitude, run.Data.Test, run.Scaling, run.Request.Device, context.Dense);
        context.Progress.Note($"{(options.KeepMasks ? "with the dense weights under the masks" : "by magnitude alone")}: {StageSequence.Words(before)}");
        return result.Graph;
    }

    private static TrainingRun RunOf(TrainingOptions options, StageContext context) => new()
    {
        Options = options,
        Data = context.Run.Data,
        Scaling = context.Run.Scaling,
        Seed = context.Seed,
        Teacher = context.Dense,
        CheckpointPath = Path.Combine(context.Folder, "training.checkpoint"),
        Device = context.Run.Request.Device,
        Title = context.Stage.Name,
    };
}
