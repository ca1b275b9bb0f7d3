using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

/// <summary><c>compile --gpu</c>, on a machine that needs no GPU.</summary>
public sealed class GpuTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_blob_gets_the_kernels_of_its_network_and_is_the_same_each_time()
    {
        JsonNode result = Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--gpu", "sm_87,sm_53", "--json").Succeeds().Json;
        Assert.Equal(["sm_53", "sm_87"], result["gpu"]!["architectures"]!.AsArray().Select(a => (string)a!));
        Assert.NotEmpty(result["gpu"]!["kernels"]!.AsArray());
        Assert.InRange((long)result["gpu"]!["bytes"]!, 10_000, (long)result["blobBytes"]!);
        Tool.Run("compile", network.Onnx, "-o", folder["again.esb"], "--gpu", "sm_53,sm_87").Succeeds();
        Assert.Equal(File.ReadAllBytes(folder["m.esb"]), File.ReadAllBytes(folder["again.esb"]));
        Assert.Contains("sm_53, sm_87", Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--gpu", "sm_53,sm_87").Succeeds().Output);
        JsonArray sections = Tool.Run("inspect", folder["m.esb"], "--json").Succeeds().Json["sections"]!.AsArray();
        Assert.Equal("DeviceCode", (string)sections[^1]!["name"]!);
        Tool.Run("verify", folder["m.esb"], "--against", network.Onnx, "--data", network.Data).Succeeds();
    }

    [Fact]
    public void An_unknown_architecture_is_one_line_and_no_blob()
    {
        Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--gpu", "sm_87,sm_20").FailsWith(
            1, "edgesparse: error: 'sm_20' is no GPU architecture that kernels can be compiled for; there are sm_53, sm_60, sm_61, sm_62, sm_70, sm_72, sm_75, sm_80, sm_86, sm_87, sm_89, sm_90");
        Assert.Empty(folder.Entries);
    }
}
