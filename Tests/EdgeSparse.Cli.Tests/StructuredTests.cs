using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

/// <summary>Recipes that remove whole channels.</summary>
public sealed class StructuredTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{ "stage": "prune", "method": "depgraph", "macs": 0.5, "rounds": 2, "pruning": { "epochs": 1, "batchSize": 10 }, "fineTune": { "epochs": 1, "batchSize": 10 } }""", "prune.decay.steps=2")]
    [InlineData("""{ "stage": "prune", "method": "oto", "macs": 0.5, "startEpochs": 0, "halfSpaceEpochs": 0, "training": { "epochs": 2, "batchSize": 10 } }""", "prune.decay.rectify=true")]
    public void A_network_shrinks_packs_and_runs(string stage, string set)
    {
        string recipe = folder.Write("r.json", $$"""{ "name": "r", "model": "lenet-300-100", "stages": [ {{stage}} ] }""");
        JsonNode result = Tool.Run(
            "compress", "--recipe", recipe, "--data", network.Data, "--model", network.Onnx, "--set", set, "-o", folder["m.esb"], "--onnx", folder["m.onnx"], "--json").Succeeds().Json;
        Assert.Equal(266_200, (long)result["macs"]!["before"]!);
        Assert.InRange((long)result["macs"]!["after"]!, 1, 133_100);
        Assert.Equal(266_610, (long)result["parameters"]!["before"]!);
        Assert.True((long)result["parameters"]!["after"]! < 140_000);
        Assert.Equal(300, (int)result["layers"]![0]!["channels"]!["before"]!);
        Assert.True((int)result["layers"]![0]!["channels"]!["after"]! < 300);
        Assert.Equal(10, (int)result["layers"]![2]!["channels"]!["after"]!);
    }

    [Fact]
    public void Channels_go_first_and_then_weights_of_what_is_left()
    {
        string recipe = folder.Write("r.json", """
            {
              "name": "r", "model": "lenet-300-100",
              "stages": [
                { "stage": "prune", "name": "channels", "method": "depgraph", "macs": 0.5, "rounds": 2, "decay": { "steps": 2, "rectify": true },
                  "pruning": { "epochs": 1, "batchSize": 10 }, "fineTune": { "epochs": 1, "batchSize": 10 } },
                { "stage": "prune", "name": "weights", "method": "woodfisher", "sparsity": 0.95, "gradients": 20, "blockSize": 50 }
              ]
            }
            """);
        JsonNode result = Tool.Run(
            "compress", "--recipe", recipe, "--data", network.Data, "--model", network.Onnx, "-o", folder["m.esb"], "--onnx", folder["m.onnx"], "--json").Succeeds().Json;
        Assert.Equal(["channels", "weights"], result["stages"]!.AsArray().Select(s => (string)s!["name"]!));
        long after = (long)result["macs"]!["after"]!;
        Assert.InRange(after, 1, 133_100);

        // Of the weights that are left one in twenty stays; all 266,200 are what it began with.
        Assert.Equal(266_200, (long)result["weights"]!["total"]!);
        Assert.InRange((long)result["weights"]!["kept"]!, 1, (after / 20) + 1);
        Assert.True((bool)result["verification"]!["passed"]!);
    }

    [Fact]
    public void A_refused_run_leaves_the_model_on_disk_as_it_was()
    {
        byte[] before = File.ReadAllBytes(network.Onnx);
        string recipe = folder.Write("r.json", """
            { "name": "r", "model": "lenet-300-100", "stages": [ { "stage": "prune", "method": "depgraph", "parameters": 0.001, "fineTune": null } ] }
            """);
        ToolResult result = Tool.Run(
            "compress", "--recipe", recipe, "--data", network.Data, "--model", network.Onnx, "-o", folder["m.esb"], "--onnx", folder["m.onnx"]);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(
            "edgesparse: error: parameters = 0.001 cannot be met without emptying a layer: at least 0.", result.Error.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(before, File.ReadAllBytes(network.Onnx));
        Assert.Equal(["r.json"], folder.Entries);
    }

    [Theory]
    [InlineData("prune.macs=0.001", "macs = 0.001 cannot be met without emptying a layer: at least ")]
    [InlineData("prune.layers=[\"fc3\"]", "layer 'fc3' cannot lose channels: it is of the network's output ")]
    [InlineData("prune.keep=[\"fc9\"]", "--set prune.keep=[\"fc9\"]: 'lenet-300-100' has no layer 'fc9'; did you mean 'fc1'? Allowed: fc1, fc2, fc3")]
    [InlineData("prune.decay.steps=5", "--set prune.decay.steps=5: stage 'prune': decay.steps is 5, but there is no 'pruning', the training during which channels decay")]
    [InlineData("prune.macs=null", "stage 'prune': nothing to prune: give macs or parameters, the share that is left")]
    public void What_cannot_be_met_is_one_line_and_leaves_nothing(string set, string message)
    {
        string recipe = folder.Write("r.json", """
            { "name": "r", "model": "lenet-300-100", "stages": [ { "stage": "prune", "method": "depgraph", "macs": 0.5, "fineTune": null } ] }
            """);
        ToolResult result = Tool.Run("compress", "--recipe", recipe, "--data", network.Data, "-o", folder["m.esb"], "--set", set);
        Assert.Equal(1, result.ExitCode);
        string last = result.Error.TrimEnd('\n').Split('\n')[^1];
        Assert.StartsWith("edgesparse: error: ", last);
        Assert.Contains(message, last);
        Assert.False(File.Exists(folder["m.esb"]));
    }

    [Fact]
    public void Groups_are_shown_for_a_file_and_for_a_network_of_the_zoo()
    {
        JsonNode groups = Tool.Run("prune", "--show-groups", network.Onnx, "--json").Succeeds().Json["groups"]!;
        Assert.Equal("fc3", (string)groups.AsArray().Single(g => g!["blocked"] is not null)!["name"]!);
        ToolResult table = Tool.Run("prune", "--show-groups", "resnet-20").Succeeds();
        Assert.Contains("400 can be removed, in 12 groups", table.Output);
        Assert.Contains("linear: it is of the network's output 'linear'", table.Output);
        Tool.Run("prune", "--show-groups", "resnet-20", "--scan").FailsWith(2, "edgesparse: error: --scan and --show-groups are two different studies; give one (see edgesparse prune --help)");
    }
}
