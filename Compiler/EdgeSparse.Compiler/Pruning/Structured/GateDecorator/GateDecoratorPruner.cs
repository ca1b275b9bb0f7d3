using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Structured.GateDecorator;

/// <summary>
/// You, Yan, Ye, Ma, Wang, "Gate Decorator: Global Filter Pruning Method for Accelerating Deep Convolutional Neural Networks", 2019:
/// gates on batch normalisations are scored by how much the loss depends on them, in short Ticks between longer Tocks.
/// </summary>
public static class GateDecoratorPruner
{
    /// <param name="graph">The trained network; it has batch normalisations.</param>
    /// <param name="options">Target and phases.</param>
    /// <param name="training">Data, seed and device; its own options are not used.</param>
    /// <param name="progress">Told how small the network is after each Tick.</param>
    /// <param name="cancellation">Stops between training steps.</param>
    /// <returns>The smaller network, its gates melted into its batch normalisations.</returns>
    /// <exception cref="PruningException">The target cannot be met with channels that have gates, a layer is unknown or not prunable, or a score is no number.</exception>
    /// <exception cref="TrainingException">As from <see cref="Trainer.Train"/>.</exception>
    public static Graph Run(
        Graph graph, GateDecoratorOptions options, TrainingRun training, IProgressSink progress, CancellationToken cancellation = default)
    {
        PruningGoal goal = new(graph, options, channel => IsGated(graph, channel));
        StructuredRun run = new(training, progress, cancellation);
        StructuredRun tickRun = run with { Training = training with { Data = training.Data with { Train = options.TickSamples is { } few ? training.Data.Train.Take(few) : training.Data.Train } } };
        CheckSteps(tickRun, options);
        if (goal.BlockedNote() is { } note)
        {
            progress.Note(note);
        }

        graph = Gate.Decorate(graph);
        ImmutableHashSet<string> frozen = [.. graph.Nodes.Where(n => n is Conv2d or ConvTranspose2d).Select(n => n.Name)];
        ChannelCounts counts = Gone(goal, graph);
        IReadOnlySet<int> barred = new HashSet<int>();
        int trainings = 0;
        int idle = 0;
        OptimizerState? optimizer = null;
        if (options.Tock is not null)
        {
            graph = Tock(graph);
        }

        for (int tick = 1; !goal.IsMet(counts.Cost, counts.Before); tick++)
        {
            GateTraining? gates = null;
            int[] gone = [.. counts.Removed];
            TrainingResult ticked = tickRun.Train(
                graph, options.Tick, $"tick {tick}", ++trainings,
                r => r with { FrozenLayers = frozen, Extension = m => gates = new GateTraining(m, goal, options, ticks: true, barred, gone) });
            (graph, optimizer) = (ticked.Graph, ticked.Optimizer);
            barred = gates!.Released;
            ChannelCounts now = Gone(goal, graph);
            idle = now.Left == counts.Left ? idle + 1 : 0;
            counts = now;
            if (idle > options.TicksPerTock)
            {
                throw new PruningException($"{idle} Ticks in a row pruned nothing, because every channel they chose was released; raise decay.rateThreshold or decay.lengthThreshold");
            }

            progress.Note($"tick {tick}: {PruningGoal.Words(counts, goal.Dependencies.Channels.Length)}");
            if (tick % options.TicksPerTock == 0 && options.Tock is not null && !goal.IsMet(counts.Cost, counts.Before))
            {
                graph = Tock(graph);
            }
        }

        return run.Finish(graph, optimizer, counts, options, ++trainings);

        Graph Tock(Graph from)
        {
            int[] gone = [.. counts.Removed];
            return run.Train(
                from, options.Tock, "tock", ++trainings,
                r => r with { Extension = m => new GateTraining(m, goal, options, ticks: false, new HashSet<int>(), gone) }).Graph;
        }
    }

    /// <summary>Whether closing the gates of a channel makes it zero: every layer that makes it is followed by a batch normalisation alone.</summary>
    internal static bool IsGated(Graph graph, PrunableChannel channel)
    {
        string[] producers = [.. channel.Weights.Where(m => m.Axis.Role == AxisRole.Out).Select(m => m.Axis.Layer).Distinct()];
        return channel.KeepsZero && producers.All(p =>
        {
            Node[] readers = [.. graph.ConsumersOf(graph.NodeOf(p).Output)];
            return readers.Length > 0 && readers.All(r => r is BatchNorm);
        });
    }

    private static ChannelCounts Gone(PruningGoal goal, Graph graph)
    {
        ChannelCounts counts = goal.NewCounts();
        foreach (int channel in StructuredRun.ZeroChannels(goal.Dependencies, graph, role => role == AxisRole.Scale).Where(counts.CanRemove))
        {
            counts.TryRemove(channel);
        }

        return counts;
    }

    private static void CheckSteps(StructuredRun run, GateDecoratorOptions options)
    {
        long steps = run.StepsOf(options.Tick);
        int lead = options.DecayOrNone.Adaptive ? 4 * options.DecayOrNone.Steps : options.DecayOrNone.Steps;
        if (steps < lead)
        {
            throw new PruningException($"decay.steps is {options.DecayOrNone.Steps}, but a Tick has only {steps} steps; give it more tickSamples or epochs, or smaller batches");
        }
    }
}
