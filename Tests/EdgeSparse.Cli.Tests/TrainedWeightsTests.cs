using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Cli.Tests;

/// <summary>Networks of the zoo with weights of a file, packed without training.</summary>
public sealed class TrainedWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_network_of_the_zoo_is_packed_and_exported_with_the_weights_of_a_file()
    {
        SafetensorsFile.Write(ModelZoo.Create("lenet-5", seed: 9), folder["w.safetensors"]);
        JsonNode result = Tool.Run(
            "compile", "--network", "lenet-5", "--weights", folder["w.safetensors"], "-o", folder["m.esb"], "--onnx", folder["m.onnx"], "--json").Succeeds().Json;
        Assert.Equal(430_500, (long)result["weights"]!["total"]!);
        Assert.Equal(new FileInfo(folder["m.onnx"]).Length, (long)result["onnxBytes"]!);

        JsonNode provenance = Tool.Run("inspect", folder["m.esb"], "--json").Succeeds().Json["metadata"]!["provenance"]!;
        Assert.Equal("lenet-5", (string)provenance["sourceModel"]!);
        Assert.StartsWith("sha256:", (string)provenance["sourceDigest"]!);
        Tool.Run("bench", folder["m.esb"], "--against", folder["m.onnx"], "--seconds", "0.05", "--peers", "onnxruntime").Succeeds();

        JsonNode alone = Tool.Run("compile", "--network", "lenet-5", "--weights", folder["w.safetensors"], "-o", folder["n.esb"], "--json").Succeeds().Json;
        Assert.Null(alone["onnxBytes"]);
        Assert.Equal(File.ReadAllBytes(folder["m.esb"]), File.ReadAllBytes(folder["n.esb"]));
    }

    [Fact]
    public void Weights_that_do_not_fit_are_one_line()
    {
        SafetensorsFile.Write(ModelZoo.Create("lenet-300-100", seed: 1), folder["w.safetensors"]);
        string weights = folder["w.safetensors"];
        Tool.Run("compile", "--network", "lenet-5", "--weights", weights, "-o", folder["m.esb"]).FailsWith(
            1,
            $"edgesparse: error: '{weights}' lacks 'conv1.bias', 'conv1.weight', 'conv2.bias', 'conv2.weight' of the network 'lenet-5'; it has 'fc1.bias', 'fc1.weight', 'fc2.bias', 'fc2.weight', 'fc3.bias' and 1 more");
        SafetensorsFile.Write(ModelZoo.Create("lenet-5", 1, new TensorShape(1, 3, 32, 32)), weights);
        Tool.Run("compile", "--network", "lenet-5", "--weights", weights, "-o", folder["m.esb"]).FailsWith(
            1,
            $"edgesparse: error: '{weights}' has other shapes than the network 'lenet-5': 'conv1.weight' of shape 20×3×5×5, not 20×1×5×5, 'fc1.weight' of shape 500×1250, not 500×800");
        ToolResult unknown = Tool.Run("compile", "--network", "resnet-21", "--weights", weights, "-o", folder["m.esb"]);
        Assert.StartsWith("edgesparse: error: the zoo has no model 'resnet-21'; it has lenet-300-100, ", unknown.Error);
        Assert.Equal(["w.safetensors"], folder.Entries);
    }
}
