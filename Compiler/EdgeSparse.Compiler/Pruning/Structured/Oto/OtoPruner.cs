using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Structured.Oto;

/// <summary>
/// Chen, Liang, Ding, Zhu, Zharkov, "OTOv2: Automatic, Generic, User-Friendly", 2023: channels whose rows, biases, scales and shifts
/// together make them zero are driven there during one training; cutting them out then changes nothing.
/// </summary>
public static class OtoPruner
{
    /// <param name="graph">The network, trained or not.</param>
    /// <param name="options">Target and training.</param>
    /// <param name="training">Data, seed and device; its own options are not used.</param>
    /// <param name="progress">Told what goes.</param>
    /// <param name="cancellation">Stops between training steps.</param>
    /// <returns>The smaller network.</returns>
    /// <exception cref="PruningException">The target cannot be met, a layer is unknown or not prunable, or a score is no number.</exception>
    /// <exception cref="TrainingException">As from <see cref="Trainer.Train"/>.</exception>
    public static Graph Run(
        Graph graph, OtoOptions options, TrainingRun training, IProgressSink progress, CancellationToken cancellation = default)
    {
        PruningGoal goal = new(graph, options, channel => channel.KeepsZero);
        StructuredRun run = new(training, progress, cancellation);
        long steps = run.StepsOf(options.Training);
        if (steps < options.DecayOrNone.Steps)
        {
            throw new PruningException($"decay.steps is {options.DecayOrNone.Steps}, but the training has only {steps} steps");
        }

        if (goal.BlockedNote() is { } note)
        {
            progress.Note(note);
        }

        TrainingResult trained = run.Train(graph, options.Training, "half-space training", 1, r => r with { Extension = _ => new OtoTraining(goal, options) });
        graph = trained.Graph;
        ChannelCounts counts = goal.NewCounts();
        foreach (int channel in StructuredRun.ZeroChannels(goal.Dependencies, graph, IsOwn))
        {
            counts.TryRemove(channel);
        }

        Complete(goal, graph, counts, progress);
        return run.Finish(graph, trained.Optimizer, counts, options, 2);
    }

    /// <summary>A group: what makes its channel.</summary>
    internal static bool IsOwn(AxisRole role) => role is AxisRole.Out or AxisRole.Bias or AxisRole.Scale or AxisRole.Shift;

    /// <summary>Where the training did not bring enough groups to zero, those with the smallest mean squares go too.</summary>
    private static void Complete(PruningGoal goal, Graph graph, ChannelCounts counts, IProgressSink progress)
    {
        int forced = 0;
        foreach (int channel in goal.Dependencies.Channels.Select(c => c.Index).OrderBy(i => MeanSquare(goal.Dependencies.Channels[i], graph)).ThenBy(i => i))
        {
            if (goal.IsMet(counts.Cost, counts.Before))
            {
                break;
            }

            forced += counts.TryRemove(channel) ? 1 : 0;
        }

        if (forced > 0)
        {
            progress.Note($"{forced} channels were not zero yet when the training ended, and went as those with the smallest weights");
        }
    }

    private static double MeanSquare(PrunableChannel channel, Graph graph)
    {
        (double sum, long count) = (0, 0);
        foreach (ChannelMember member in channel.Weights.Where(m => IsOwn(m.Axis.Role)))
        {
            Weight weight = graph.WeightOf(member.Axis.Tensor);
            int inner = weight.Shape.Dims.Skip(member.Axis.Axis + 1).Aggregate(1, (a, b) => a * b);
            for (int start = 0; start < weight.ElementCount; start += member.Axis.Length * inner)
            {
                foreach (int position in member.Positions)
                {
                    foreach (float value in weight.Values.Span.Slice(start + (position * inner), inner))
                    {
                        sum += (double)value * value;
                        count++;
                    }
                }
            }
        }

        return sum / Math.Max(1, count);
    }
}
