using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Training;

/// <summary>Trains the weights of a graph on libtorch, keeping its masks: a pruned weight stays exactly zero.</summary>
public static class Trainer
{
    /// <param name="graph">
    /// A classifier: one input, one output of samples × classes, its final softmax (if any) left out of the loss. Where only
    /// distillation counts, any network of one input.
    /// </param>
    /// <param name="run">Data, options, seed, checkpoint.</param>
    /// <param name="progress">Told every step.</param>
    /// <param name="cancellation">Stops between steps; with a checkpoint path the run can go on from there later.</param>
    /// <returns>The same graph with trained weights.</returns>
    /// <exception cref="TrainingException">
    /// The loss is no number (the message names epoch and step); the graph, the data and the options do not fit; the checkpoint
    /// is damaged or of another run. Nothing is written then.
    /// </exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static TrainingResult Train(Graph graph, TrainingRun run, IProgressSink progress, CancellationToken cancellation = default)
    {
        Check(graph, run);
        using TrainingLoop loop = new(graph, run);
        return loop.Run(progress, cancellation);
    }

    /// <summary>What to do where samples have no labels.</summary>
    internal static string NeedsDistillation(string data, string where) =>
        $"the samples of '{data}' have no labels, so that there is only the dense network to learn from: set \"distillation\": 1 in {where}";

    private static void Check(Graph graph, TrainingRun run)
    {
        TrainingOptions options = run.Options;
        if (run.Data.Train.Count == 0)
        {
            throw new TrainingException($"data set '{run.Data.Name}' has no training samples");
        }

        if (graph.Inputs.Length == 1 && graph.Inputs[0].Shape.WithBatch(1).ElementCount != run.Data.SampleShape.ElementCount)
        {
            throw new TrainingException(
                $"network '{graph.Name}' reads {graph.Inputs[0].Shape}, but the samples of '{run.Data.Name}' have the shape {run.Data.SampleShape}");
        }

        if (options.Distillation > 0 && run.Teacher is null)
        {
            throw new TrainingException("distillation needs a dense network to learn from, and there is none in this run");
        }

        if (!run.Data.Train.IsLabelled && options.Distillation < 1)
        {
            throw new TrainingException(NeedsDistillation(run.Data.Name, "the training options"));
        }

        if (options.Epochs < 1 || options.BatchSize < 1)
        {
            throw new TrainingException($"training needs at least one epoch and one sample a batch, got {options.Epochs} and {options.BatchSize}");
        }

        foreach (string frozen in run.FrozenLayers)
        {
            graph.NodeOf(frozen);
        }
    }
}
