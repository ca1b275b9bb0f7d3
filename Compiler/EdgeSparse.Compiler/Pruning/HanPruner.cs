using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// Iterative magnitude pruning with retraining: Han, Pool, Tran, Dally, "Learning both Weights and Connections for Efficient
/// Neural Networks", 2015. Survivors keep their values; nothing is initialised anew.
/// </summary>
public static class HanPruner
{
    // Rounds shuffle differently; any odd number far from small seeds keeps their sequences apart.
    private const int SeedStep = 7919;

    /// <param name="graph">The trained network. Masks that it has already only shrink.</param>
    /// <param name="options">Targets, rounds and retraining.</param>
    /// <param name="training">
    /// Data, seed and device; its own options are not used. Distillation learns from its teacher, or else from
    /// <paramref name="graph"/>. Each retraining has a checkpoint of its own, the path given with <c>.ROUND-STAGE</c> added.
    /// </param>
    /// <param name="progress">Told each round's density and errors.</param>
    /// <param name="cancellation">Stops between training steps.</param>
    /// <exception cref="PruningException">A target cannot be met: the message names the layer.</exception>
    /// <exception cref="TrainingException">As from <see cref="Trainer.Train"/>.</exception>
    public static PruningResult Run(
        Graph graph, HanPruningOptions options, TrainingRun training, IProgressSink progress, CancellationToken cancellation = default)
    {
        ImmutableDictionary<string, PruningTarget> targets = PruningTargets.Of(graph, options);
        ImmutableArray<PruningStage> stages = PruningStage.Of(graph, options.Policy);
        Dictionary<string, double> initial = graph.PrunableNodes.ToDictionary(n => n.Name, n => graph.WeightOf(n.PrunableWeight!).Density);
        List<PruningRound> rounds = [];
        if (PruningTargets.Exceptions(graph, options, targets.ContainsKey) is { } exceptions)
        {
            progress.Note(exceptions);
        }

        // Decoded once for all rounds.
        training = training with { Data = training.Data with { Train = MemorySplit.Of(training.Data.Train, training.Data.SampleShape.ElementCount) } };
        Graph current = graph;
        for (int round = 1; round <= options.Iterations; round++)
        {
            foreach (PruningStage stage in stages)
            {
                bool last = round == options.Iterations && stage == stages[^1];
                foreach (string layer in stage.Layers.Where(targets.ContainsKey))
                {
                    current = Prune(current, layer, targets[layer], initial[layer], round, options.Iterations);
                }

                current = Tidy(current, graph, options);
                double before = Evaluator.Evaluate(current, training.Data.Test, training.Scaling, training.Device, training.Teacher ?? graph).Error;
                bool whole = last && options.FinalRetrain is not null;
                TrainingResult trained = Trainer.Train(
                    current,
                    training with
                    {
                        Options = last ? options.FinalRetrain ?? options.Retrain : options.Retrain,
                        Teacher = training.Teacher ?? graph,
                        Seed = unchecked(training.Seed + (SeedStep * (rounds.Count + 1))),
                        FrozenLayers = whole ? [] : stage.Frozen,
                        CheckpointPath = training.CheckpointPath is { } path ? Numbered(path, round, stage.Name) : null,
                        Title = string.Create(CultureInfo.InvariantCulture, $"retrain {round}/{options.Iterations}{(stages.Length > 1 ? " " + stage.Name : "")}"),
                    },
                    progress,
                    cancellation);
                current = trained.Graph;
                double after = Evaluator.Evaluate(current, training.Data.Test, training.Scaling, training.Device, training.Teacher ?? graph).Error;
                NetworkSparsity sparsity = NetworkSparsity.Of(current);
                rounds.Add(new PruningRound(round, stage.Name, sparsity, before, after, trained.Epochs));
                progress.Note(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}/{options.Iterations}: {sparsity.Density:0.00%} kept, error {before:0.00%} pruned, {after:0.00%} retrained"));
            }
        }

        return new PruningResult(current, [.. rounds], targets.ToImmutableSortedDictionary(t => t.Key, t => t.Value.Granularity, StringComparer.Ordinal));
    }

    private static Graph Prune(Graph graph, string layer, PruningTarget target, double initialDensity, int round, int rounds)
    {
        Node node = graph.NodeOf(layer);
        Weight weight = graph.WeightOf(node.PrunableWeight!);
        bool[] mask;
        string nothingLeft;
        if (target.Quality is { } quality)
        {
            mask = GranularPruning.ByQuality(node, weight, target.Granularity, quality);
            nothingLeft = string.Create(
                CultureInfo.InvariantCulture, $"layer '{layer}' would lose all its {weight.ElementCount} weights with the quality parameter {quality}; lower it");
        }
        else
        {
            double density = SparsitySchedule.Geometric(initialDensity, Math.Min(target.Density!.Value, initialDensity), round, rounds);
            mask = GranularPruning.ByDensity(node, weight, target.Granularity, density);
            nothingLeft = PruningTargets.NothingLeft(layer, weight, density);
        }

        return mask.Contains(true) ? graph.WithWeights([weight.With(weight.Values.Span, mask)]) : throw new PruningException(nothingLeft);
    }

    private static Graph Tidy(Graph pruned, Graph original, HanPruningOptions options)
    {
        Graph graph = pruned;
        if (options.RemoveDeadNeurons)
        {
            graph = DeadNeurons.Remove(graph);
            if (graph.PrunableNodes.FirstOrDefault(n => graph.WeightOf(n.PrunableWeight!).KeptCount == 0) is { } empty)
            {
                throw new PruningException(
                    $"layer '{empty.Name}' would lose all its weights, because every neuron of it lost its inputs or its outputs; prune the layers beside it less");
            }
        }

        return options.AdjustDropout ? DropoutAdjustment.Apply(graph, original) : graph;
    }

    private static string Numbered(string path, int round, string stage) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}.{round:000}-{stage}");
}
