using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Data;

namespace EdgeSparse.Cli.Tests;

/// <summary>The main job from end to end on real digits: a slice to train on, the whole test set to measure with.</summary>
public sealed class MnistTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_slice_of_MNIST_is_trained_pruned_packed_verified_and_run()
    {
        DataLocations locations = new();
        string? mnist = DatasetCatalog.FolderOf(DatasetCatalog.EntryOf("mnist"), locations);
        Assert.SkipWhen(mnist is null, $"MNIST is in none of {string.Join(", ", locations.Folders)}");
        string recipe = folder.Write("r.json", """
            {
              "name": "slice",
              "model": "lenet-300-100",
              "data": { "name": "mnist", "trainLimit": 6000 },
              "stages": [
                { "stage": "train", "epochs": 4, "batchSize": 50 },
                { "stage": "prune", "method": "han", "iterations": 2, "density": 0.1, "retrain": { "epochs": 2, "batchSize": 50, "optimizer": { "learningRate": 0.02 } } }
              ]
            }
            """);
        JsonNode result = Tool.Run("compress", "--recipe", recipe, "-o", folder["m.esb"], "--onnx", folder["m.onnx"], "--json").Succeeds().Json;
        Assert.Equal(10_000, (int)result["verification"]!["samples"]!);
        Assert.InRange((double)result["dense"]!["error"]!, 0.01, 0.09);
        Assert.InRange((double)result["sparse"]!["error"]!, 0.01, 0.09);
        Assert.InRange((long)result["weights"]!["kept"]!, 15_000, 26_620);

        Tool.Run("verify", folder["m.esb"], "--against", folder["m.onnx"], "--data", "mnist").Succeeds();
        string images = Directory.GetFiles(mnist, "t10k-images*").Single();
        JsonNode run = Tool.Run("run", folder["m.esb"], "--input", images, "--json").Succeeds().Json;
        int[] predictions = [.. run["predictions"]!.AsArray().Select(p => (int)p!["class"]!)];
        Dataset data = DatasetCatalog.Open("mnist", locations);
        int wrong = predictions.Index().Count(p => p.Item != data.Test.LabelOf(p.Index));
        Assert.Equal((double)result["sparse"]!["error"]!, wrong / 10_000.0, 12);
    }
}
