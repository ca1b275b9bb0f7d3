using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Firmware.Tests;

/// <summary>LeNet-5, trained for a moment on real digits and pruned to a fifth, and 200 digits that it has not seen.</summary>
/// <param name="Blob">For vectors of four lanes, which every machine runs.</param>
/// <param name="Images">200×1×28×28, scaled, as a .npy file.</param>
/// <param name="Labels">Of the images.</param>
internal sealed record TrainedDigits(byte[] Blob, byte[] Images, int[] Labels)
{
    private const int Count = 200;
    private const int Pixels = 28 * 28;

    /// <summary>Skips the calling test where there are no real digits.</summary>
    public static TrainedDigits Get()
    {
        DataLocations locations = new();
        Assert.SkipWhen(
            DatasetCatalog.FolderOf(DatasetCatalog.EntryOf("mnist"), locations) is null,
            "EDGESPARSE_DATA has no mnist; to get it: edgesparse data download mnist");
        Dataset mnist = DatasetCatalog.Open("mnist", locations);
        TrainingRun run = new()
        {
            Data = mnist with { Train = mnist.Train.Take(4000) },
            Scaling = mnist.Scaling,
            Seed = 1,
            Options = new TrainingOptions { Epochs = 1, BatchSize = 32 },
        };
        Graph trained = Trainer.Train(ModelZoo.Create("lenet-5", seed: 1), run, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;
        Graph pruned = OneShotPruning.Apply(trained, node => (Granularity.Weight, node is Linear ? 0.2 : 0.6));
        float[] images = new float[Count * Pixels];
        for (int i = 0; i < Count; i++)
        {
            mnist.Test.Read(i, images.AsSpan(i * Pixels, Pixels));
        }

        using MemoryStream npy = new();
        NpyFile.Write(npy, images, Count, 1, 28, 28);
        return new TrainedDigits(
            Packer.Pack(pruned, new PackOptions { Lanes = 4 }).Bytes.ToArray(), npy.ToArray(), [.. Enumerable.Range(0, Count).Select(mnist.Test.LabelOf)]);
    }
}
