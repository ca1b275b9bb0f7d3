using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>What pruning without training came to.</summary>
/// <param name="Graph">Simplified for inference, with masks.</param>
/// <param name="Magnitude">The same with the dense weights under the masks: what the selection, of magnitude or of before, alone gives.</param>
/// <param name="Layers">The layers solved, in execution order.</param>
public sealed record ReconstructionResult(Graph Graph, Graph Magnitude, ImmutableArray<LayerReconstruction> Layers);

/// <summary>Prunes a network by magnitude, or takes what was pruned before, and solves what is left on a few unlabelled samples.</summary>
public static class ReconstructionPruner
{
    // Values of a batch: enough to keep the processor busy, little beside the activations of all samples.
    private const int BatchValues = 1 << 20;
    private const int LargestBatch = 64;

    /// <param name="graph">A trained network of one input.</param>
    /// <param name="options">Targets, samples and ridge.</param>
    /// <param name="run">Data, scaling, seed (which samples) and device; where masks are kept, the teacher is the network before the pruning.</param>
    /// <param name="progress">Told each layer.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="PruningException">The network has nothing to prune, a target cannot be met, or there are no samples.</exception>
    /// <exception cref="TrainingException">A layer cannot be run.</exception>
    public static ReconstructionResult Run(
        Graph graph, ReconstructionOptions options, TrainingRun run, IProgressSink progress, CancellationToken cancellation = default)
    {
        Graph dense = InferenceSimplification.Apply(options.KeepMasks ? run.Teacher ?? graph : graph);
        if (!dense.PrunableNodes.Any())
        {
            throw new PruningException($"'{graph.Name}' has no layer with weights to prune");
        }

        if (run.Data.Train.Count == 0)
        {
            throw new PruningException($"data set '{run.Data.Name}' has no samples to solve weights on");
        }

        if (!options.KeepMasks && PruningTargets.Exceptions(dense, options.Targets, _ => true) is { } exceptions)
        {
            progress.Note(exceptions);
        }

        Graph masked = options.KeepMasks ? MaskSelection.Present(dense, InferenceSimplification.Apply(graph)) : MaskSelection.Apply(dense, options);
        Device device = TorchDevice.Open(run.Device);
        set_num_threads(run.Threads ?? Environment.ProcessorCount);
        List<Tensor> batches = Batches(dense, options, run, device);
        try
        {
            (Graph solved, ImmutableArray<LayerReconstruction> layers) =
                NetworkReconstruction.Run(dense, masked, batches, options.Ridge, device, progress, cancellation);
            if (!layers.IsEmpty)
            {
                progress.Note(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{layers.Length} layers solved on {Math.Min(options.Samples, run.Data.Train.Count)} samples: their outputs were off by {layers.Average(l => l.Before):0.0%} of their squares on average, now by {layers.Average(l => l.After):0.0%}"));
            }

            return new ReconstructionResult(solved, masked, layers);
        }
        finally
        {
            batches.ForEach(b => b.Dispose());
        }
    }

    private static List<Tensor> Batches(Graph graph, ReconstructionOptions options, TrainingRun run, Device device)
    {
        // Drawn at random: sets often stand in the order of their classes.
        int[] order = [.. Enumerable.Range(0, run.Data.Train.Count)];
        new SeededRandom(run.Seed, RandomPurpose.Calibration, 0).Shuffle(order);
        SampleBatches samples = new(new UnlabelledSplit(run.Data.Train), run.Data.SampleShape, run.Scaling, int.MaxValue);
        int[] chosen = order[..Math.Min(options.Samples, order.Length)];
        int size = OpenBatch.Of(graph) is null ? 1 : Math.Clamp(BatchValues / samples.SampleElements, 1, LargestBatch);
        List<Tensor> batches = [];
        foreach (int[] batch in chosen.Chunk(size))
        {
            using Tensor pixels = empty([batch.Length, samples.SampleElements], ScalarType.Float32);
            samples.Fill(batch, MemoryMarshal.Cast<byte, float>(pixels.bytes), []);
            batches.Add(pixels.to(device, copy: true));
        }

        return batches;
    }
}
