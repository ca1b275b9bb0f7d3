using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training;

/// <summary>Running means and variances of batch normalisations measured anew: pruning changes what goes into them.</summary>
internal static class BatchNormStatistics
{
    // Large enough for variances over 8×8 maps and single vectors alike.
    private const int BatchSize = 128;

    /// <param name="graph">A network; without batch normalisation it comes back as it is.</param>
    /// <param name="run">Data, scaling, seed and device; labels do not matter.</param>
    /// <param name="count">Training samples, drawn by the seed; at most as many as there are.</param>
    /// <param name="augmentation">As the network was trained with: black borders are part of what its statistics were made of.</param>
    /// <param name="round">Draws of different rounds take different samples.</param>
    /// <param name="progress">Told each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>The network with the mean over the batches of their statistics.</returns>
    public static Graph Measure(Graph graph, TrainingRun run, int count, AugmentationOptions augmentation, int round, IProgressSink progress, CancellationToken cancellation)
    {
        if (!graph.Nodes.OfType<BatchNorm>().Any())
        {
            return graph;
        }

        using TorchGraph model = new(graph, TorchDevice.Open(run.Device));
        SampleBatches samples = new(MemorySplit.Of(run.Data.Train, run.Data.SampleShape.ElementCount), run.Data.SampleShape, run.Scaling, int.MaxValue);
        int[] order = [.. Enumerable.Range(0, samples.Count)];
        new SeededRandom(run.Seed, RandomPurpose.Calibration, ~round).Shuffle(order);
        // A last, smaller batch would count as much as the others.
        int batches = Math.Max(1, Math.Min(count, order.Length) / BatchSize);
        int size = Math.Min(BatchSize, Math.Min(count, order.Length));
        using IProgressTask task = progress.Begin($"{run.Title}: statistics", (long)batches * size, "samples");
        using IDisposable noGradient = no_grad();
        for (int i = 0; i < batches; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor pixels = empty([size, samples.SampleElements], ScalarType.Float32);
            samples.Fill(order.AsSpan(i * size, size), augmentation, new SeededRandom(run.Seed, RandomPurpose.Augmentation, ((long)round << 32) + i), MemoryMarshal.Cast<byte, float>(pixels.bytes), []);
            // 1/(i + 1) of the new and i/(i + 1) of the old: after all batches, their mean.
            model.StatisticsMomentum = 1.0 / (i + 1);
            model.Outputs(pixels.to(model.Device), training: true);
            task.Advance(size);
        }

        return model.ToGraph();
    }
}
