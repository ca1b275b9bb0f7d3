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

    /// <summary>Cuts channels out.</summary>
    /// <param name="dependencies">Of the network that the channels were chosen in.</param>
    /// <param name="graph">The same network, with the weights to keep.</param>
    /// <param name="counts">The channels that are gone.</param>
    public Graph Cut(DependencyGraph dependencies, Graph graph, ChannelCounts counts)
    {
        Progress.Note(PruningGoal.Words(counts, dependencies.Channels.Length));
        return new ChannelRemoval(DependencyGraph.Of(graph), counts.Removed).Apply();
    }

    /// <summary>Trains what is left, where the options ask for it.</summary>
    public Graph FineTune(Graph graph, StructuredOptions options, int number) =>
        options.FineTune is { } training ? Train(graph, training, "fine-tune", number).Graph : graph;

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
