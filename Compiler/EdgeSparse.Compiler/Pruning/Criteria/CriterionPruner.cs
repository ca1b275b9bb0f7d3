using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Gradients;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>Prunes by a criterion: at once or in steps, alone or with training before, in between and after.</summary>
public static class CriterionPruner
{
    // Trainings shuffle differently; any odd number far from small seeds keeps their sequences apart.
    private const int SeedStep = 7919;

    /// <param name="graph">The trained network. Masks that it has already only shrink.</param>
    /// <param name="options">Criterion, targets, steps, training.</param>
    /// <param name="run">
    /// Data, seed, device; its own options are not used. Where its checkpoint path is given, the network is kept beside it after
    /// each step, and training has checkpoints of its own.
    /// </param>
    /// <param name="progress">Told each step.</param>
    /// <param name="cancellation">Stops it; with a checkpoint path it goes on from there later, to the same weights.</param>
    /// <exception cref="PruningException">A target cannot be met, or an option does not fit the network.</exception>
    /// <exception cref="TrainingException">As from <see cref="Trainer.Train"/>.</exception>
    public static Graph Run(Graph graph, CriterionOptions options, TrainingRun run, IProgressSink progress, CancellationToken cancellation = default)
    {
        ImmutableArray<PrunedLayer> layers = PrunedLayer.Of(graph, options);
        // Decoded once for all steps.
        run = run with
        {
            Data = run.Data with { Train = MemorySplit.Of(run.Data.Train, run.Data.SampleShape.ElementCount) },
            Teacher = run.Teacher ?? graph,
            Options = options.Training ?? new TrainingOptions(),
        };
        IPruningCriterion criterion = PruningCriteria.Of(options);
        ImmutableArray<PruningEvent> events = SparsitySteps.Of(options);
        string digest = CriterionCheckpoint.Digest(graph, options, run);
        string? path = run.CheckpointPath is { } given ? $"{given}.pruned" : null;
        CriterionCheckpoint state = CriterionCheckpoint.Read(path, digest, graph);
        while (state.Events < events.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            PruningEvent now = events[state.Events];
            state = now.Level is null
                ? Train(state, layers, options, now, run, progress, cancellation)
                : Prune(state, layers, criterion, options, now, events, run, progress, cancellation);
            if (path is not null)
            {
                state.Write(path, digest);
            }
        }

        return state.Graph;
    }

    private static CriterionCheckpoint Prune(
        CriterionCheckpoint state, ImmutableArray<PrunedLayer> layers, IPruningCriterion criterion, CriterionOptions options, PruningEvent now,
        ImmutableArray<PruningEvent> events, TrainingRun run, IProgressSink progress, CancellationToken cancellation)
    {
        int number = events.Take(state.Events).Count(e => e.Level is not null);
        int all = events.Count(e => e.Level is not null);
        string title = all == 1 ? run.Title : string.Create(CultureInfo.InvariantCulture, $"{run.Title} {number + 1}/{all}");
        TrainingRun titled = run with { Title = title };
        ImmutableArray<bool[]> alive = [.. layers.Select(l => MagnitudePruning.Survivors(state.Graph.WeightOf(l.Weight)))];
        Graph pruned;
        GradientSummary? seen;
        using (Judgement judgement = criterion.Judge(
            new CriterionContext(state.Graph, layers, titled, number, state.Movement, progress, cancellation)))
        {
            ImmutableArray<bool[]> kept = WeightSelection.Select(layers, alive, judgement, options, now.Level!);
            ImmutableArray<bool[]> gone = [.. alive.Zip(kept, (a, k) => a.Zip(k, (x, y) => x && !y).ToArray())];
            ImmutableArray<float[]> values = judgement.Updated(gone);
            CheckFinite(layers, values, kept);
            pruned = state.Graph.WithWeights(layers.Select((l, i) => state.Graph.WeightOf(l.Weight).With(values[i], kept[i])));
            seen = judgement.Seen;
            if (judgement.Note is { } note)
            {
                progress.Note($"{title}: {note}");
            }
        }

        if (options.Recalibrate > 0)
        {
            pruned = BatchNormStatistics.Measure(pruned, titled, options.Recalibrate, options.RecalibrationAugmentation, number, progress, cancellation);
        }

        long total = layers.Sum(l => (long)l.Count);
        double sparsity = 1 - ((double)layers.Sum(l => (long)pruned.WeightOf(l.Weight).KeptCount) / total);
        string before = seen is { } s
            ? string.Create(CultureInfo.InvariantCulture, $"; before it, loss {s.Loss:0.0000} and error {s.Error * 100:0.00} % on {s.Samples} training samples")
            : "";
        progress.Note(string.Create(CultureInfo.InvariantCulture, $"{title}: {sparsity * 100:0.00} % of {total} weights removed{before}"));
        return state with { Events = state.Events + 1, Graph = pruned };
    }

    private static CriterionCheckpoint Train(
        CriterionCheckpoint state, ImmutableArray<PrunedLayer> layers, CriterionOptions options, PruningEvent now, TrainingRun run,
        IProgressSink progress, CancellationToken cancellation)
    {
        Dictionary<string, float[]> movement = new(state.Movement);
        TrainingOptions training = options.Training!;
        TrainingResult trained = Trainer.Train(
            state.Graph,
            run with
            {
                Options = training with { Epochs = now.Epochs },
                EpochsBefore = now.FirstEpoch,
                EpochsOfSchedule = training.Epochs,
                Seed = unchecked(run.Seed + (SeedStep * (now.FirstEpoch + 1))),
                CheckpointPath = run.CheckpointPath is { } path ? string.Create(CultureInfo.InvariantCulture, $"{path}.{state.Events:000}") : null,
                Title = string.Create(CultureInfo.InvariantCulture, $"{run.Title}: epochs {now.FirstEpoch + 1} to {now.FirstEpoch + now.Epochs} of {training.Epochs}"),
                Extension = options is MovementOptions
                    ? model => new MovementScores(model, layers.Select(l => l.Weight), state.Movement, (weight, sums) => movement[weight] = sums)
                    : null,
            },
            progress,
            cancellation);
        return new CriterionCheckpoint(state.Events + 1, trained.Graph, movement.ToImmutableDictionary());
    }

    private static void CheckFinite(ImmutableArray<PrunedLayer> layers, ImmutableArray<float[]> values, ImmutableArray<bool[]> kept)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            for (int j = 0; j < values[i].Length; j++)
            {
                if (kept[i][j] && !float.IsFinite(values[i][j]))
                {
                    throw new PruningException($"the update of layer '{layers[i].Node.Name}' gave a weight that is no number; raise the dampening");
                }
            }
        }
    }
}
