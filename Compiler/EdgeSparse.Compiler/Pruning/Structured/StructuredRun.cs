using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Pruning.Structured.Slicing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Structured;

/// <summary>What the methods share once they have chosen: cutting channels out, and training what is left.</summary>
/// <param name="Training">Data, seed, device; its options are not used. Each training has a checkpoint of its own.</param>
/// <param name="Progress">Told what was cut.</param>
/// <param name="Cancellation">Stops between training steps.</param>
internal sealed record StructuredRun(TrainingRun Training, IProgressSink Progress, CancellationToken Cancellation)
{
    // Any odd number far from small seeds: each training sees the samples in an order of its own.
    private const int SeedStep = 7919;

    /// <summary>Trains a network in one of the method's phases.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">Of this training.</param>
    /// <param name="phase">What it is called, and its checkpoint.</param>
    /// <param name="number">Its place among the method's trainings, for its seed.</param>
    /// <param name="more">Changes to the run: an extension, frozen layers.</param>
    public TrainingResult Train(Graph graph, TrainingOptions options, string phase, int number, Func<TrainingRun, TrainingRun>? more = null)
    {
        TrainingRun run = Training with
        {
            Options = options,
            Seed = unchecked(Training.Seed + (SeedStep * number)),
            CheckpointPath = Training.CheckpointPath is { } path ? string.Create(CultureInfo.InvariantCulture, $"{path}.{number:000}-{phase}") : null,
            Title = phase,
        };
        return Trainer.Train(graph, more?.Invoke(run) ?? run, Progress, Cancellation);
    }

    /// <summary>Cuts channels out and, where the options ask for it, trains what is left: it keeps its momentum.</summary>
    /// <param name="graph">The network, with the weights to keep.</param>
    /// <param name="optimizer">Of the training that it comes from; null where there was none.</param>
    /// <param name="counts">The channels that are gone.</param>
    /// <param name="options">With the training.</param>
    /// <param name="number">See <see cref="Train"/>.</param>
    public Graph Finish(Graph graph, OptimizerState? optimizer, ChannelCounts counts, StructuredOptions options, int number)
    {
        DependencyGraph dependencies = DependencyGraph.Of(graph);
        Progress.Note(PruningGoal.Words(counts, dependencies.Channels.Length));
        ChannelRemoval removal = new(dependencies, counts.Removed);
        Graph smaller = removal.Apply();
        return options.FineTune is { } training
            ? Train(smaller, training, "fine-tune", number, r => r with { Start = optimizer?.Changed((weight, values) => removal.SliceState(weight, values)) }).Graph
            : smaller;
    }

    /// <summary>Steps that a training takes.</summary>
    public long StepsOf(TrainingOptions options) =>
        ((Training.Data.Train.Count + options.BatchSize - 1L) / options.BatchSize) * options.Epochs;

    /// <summary>Channels all of whose own parameters are exactly zero: what a training with pruning in it has left behind.</summary>
    /// <param name="dependencies">Of the network.</param>
    /// <param name="graph">The same network after the training.</param>
    /// <param name="owns">The members that count.</param>
    public static IEnumerable<int> ZeroChannels(DependencyGraph dependencies, Graph graph, Func<AxisRole, bool> owns) => dependencies.Channels
        .Where(c => c.Weights.Where(m => owns(m.Axis.Role)).All(m => IsZero(graph.WeightOf(m.Axis.Tensor), m)))
        .Select(c => c.Index);

    private static bool IsZero(Weight weight, ChannelMember member)
    {
        ReadOnlySpan<float> values = weight.Values.Span;
        int inner = weight.Shape.Dims.Skip(member.Axis.Axis + 1).Aggregate(1, (a, b) => a * b);
        for (int start = 0; start < values.Length; start += member.Axis.Length * inner)
        {
            foreach (int position in member.Positions)
            {
                if (values.Slice(start + (position * inner), inner).ContainsAnyExcept(0f))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
