using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Structured.DepGraph;

/// <summary>
/// Fang, Ma, Song, Mi, Wang, "DepGraph: Towards Any Structural Pruning", 2023: group-sparse training, then channels with the lowest
/// group importance go, over the whole network, until it is small enough; then it is fine-tuned.
/// </summary>
public static class DepGraphPruner
{
    /// <param name="graph">The trained network.</param>
    /// <param name="options">Target and phases.</param>
    /// <param name="training">Data, seed and device; its own options are not used.</param>
    /// <param name="progress">Told what goes.</param>
    /// <param name="cancellation">Stops between training steps.</param>
    /// <returns>The smaller network.</returns>
    /// <exception cref="PruningException">The target cannot be met, a layer is unknown or not prunable, or an importance is no number.</exception>
    /// <exception cref="TrainingException">As from <see cref="Trainer.Train"/>.</exception>
    public static Graph Run(
        Graph graph, DepGraphOptions options, TrainingRun training, IProgressSink progress, CancellationToken cancellation = default)
    {
        PruningGoal goal = new(graph, options);
        StructuredRun run = new(training, progress, cancellation);
        if (options.Pruning is { } pruning && run.StepsOf(pruning) / options.Rounds < options.DecayOrNone.Steps)
        {
            throw new PruningException(
                $"decay.steps is {options.DecayOrNone.Steps}, but each of the {options.Rounds} rounds has only {run.StepsOf(pruning) / options.Rounds} steps; train longer, or in fewer rounds");
        }

        if (goal.BlockedNote() is { } note)
        {
            progress.Note(note);
        }

        TrainingResult? last = null;
        if (options.SparseLearning is { } sparse)
        {
            last = run.Train(
                graph, WithoutDecay(sparse.Training), "sparse learning", 1,
                r => r with { Extension = _ => new GroupSparsity(goal.Dependencies, sparse, options.Importance) });
            graph = last.Graph;
        }

        ChannelCounts counts = goal.NewCounts();
        if (options.Pruning is not null)
        {
            last = run.Train(graph, options.Pruning, "pruning", 2, r => r with { Extension = _ => new DepGraphRounds(goal, options) });
            graph = last.Graph;
            foreach (int channel in StructuredRun.ZeroChannels(goal.Dependencies, graph, IsOwn))
            {
                counts.TryRemove(channel);
            }
        }

        // All of them, or what releases in the last round have left open.
        new GlobalSelection(goal.Dependencies, options).Choose(
            counts, graph.Weights.ToDictionary(w => w.Key, w => w.Value.Values.ToArray()), cost => goal.IsMet(cost, counts.Before), _ => true);
        return run.Finish(graph, last?.Optimizer, counts, options, 3);
    }

    /// <summary>Members that decay, and are zero in the end.</summary>
    internal static bool IsOwn(AxisRole role) => role is AxisRole.Out or AxisRole.In or AxisRole.Bias or AxisRole.Scale or AxisRole.Shift;

    private static TrainingOptions WithoutDecay(TrainingOptions options) =>
        options with { Optimizer = options.Optimizer with { WeightDecay = 0 } };
}
