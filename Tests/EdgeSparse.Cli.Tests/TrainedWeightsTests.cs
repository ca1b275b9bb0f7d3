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
    public void A_pickle_that_would_run_something_is_refused_by_the_name_it_wants()
    {
        // What torch.save's older form begins with, then a call of os.system.
        byte[] start = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.', 0x80, 2, (byte)'M', 0xE9, 3, (byte)'.'];
        byte[] machine = [0x80, 2, (byte)'}', (byte)'X', 13, 0, 0, 0, .. "little_endian"u8, 0x88, (byte)'s', (byte)'.'];
        File.WriteAllBytes(folder["w.pth"], [.. start, .. machine, 0x80, 2, .. "cos\nsystem\n"u8, (byte)'X', 4, 0, 0, 0, .. "true"u8, 0x85, (byte)'R', (byte)'.']);
        Tool.Run("compile", "--network", "lenet-5", "--weights", folder["w.pth"], "-o", folder["m.esb"]).FailsWith(
            1,
            $"edgesparse: error: '{folder["w.pth"]}' is no PyTorch state dictionary that can be used: it wants 'os.system', which no state dictionary needs: only tensors and plain containers are read, nothing is run");
        Assert.Equal(["w.pth"], folder.Entries);
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
