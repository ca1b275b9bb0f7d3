using System.Text.Json.Nodes;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Cli.Tests;

/// <summary>What each verb says of a blob that is good.</summary>
public sealed class VerbTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Verify_compares_every_test_sample()
    {
        JsonNode report = Tool.Run("verify", network.Blob, "--against", network.Onnx, "--data", network.Data, "--json").Succeeds().Json;
        Assert.True((bool)report["passed"]!);
        Assert.Equal(100, (int)report["samples"]!);
        Assert.Equal(0, (int)report["mismatches"]!);
        string words = Tool.Run("verify", network.Blob, "--against", network.Onnx, "--data", network.Data).Succeeds().Output;
        Assert.Contains("100 of 100 samples agree", words);
        Assert.Contains("they agree", words);
    }

    [Fact]
    public void Run_tells_the_class_of_each_sample_and_writes_the_outputs()
    {
        Random random = new(5);
        byte[] pixels = [.. new[] { 7, 0, 3 }.SelectMany(c => StripeData.Sample(c, random))];
        File.WriteAllBytes(folder["x.npy"], StripeData.Npy("|u1", pixels, 3, 28, 28));
        JsonNode result = Tool.Run("run", network.Blob, "--input", folder["x.npy"], "-o", folder["y.npy"], "--json").Succeeds().Json;
        Assert.Equal([7, 0, 3], result["predictions"]!.AsArray().Select(p => (int)p!["class"]!));
        NpyArray outputs = NpyFile.Read(folder["y.npy"]);
        Assert.Equal([3, 10], outputs.Shape);
        float[] values = outputs.ToFloats();
        Assert.Equal(values[7], values[..10].Max());
        Assert.Equal((float)result["predictions"]![0]!["value"]!, values[7], 5);
    }

    [Fact]
    public void Inspect_shows_tensors_formats_and_provenance()
    {
        JsonNode summary = Tool.Run("inspect", network.Blob, "--json").Succeeds().Json;
        Assert.Equal(["fc1.weight", "fc2.weight", "fc3.weight"], summary["tensors"]!.AsArray().Select(t => (string)t!["name"]!));
        JsonNode provenance = summary["metadata"]!["provenance"]!;
        Assert.Equal("lenet-300-100", (string)provenance["sourceModel"]!);
        Assert.Equal(1, (int)provenance["seed"]!);
        Assert.Equal("stripes", (string)provenance["recipe"]!["name"]!);
        Assert.Equal("linux-x64-v3", (string)summary["metadata"]!["target"]!["id"]!);

        string words = Tool.Run("inspect", network.Blob, "--plan").Succeeds().Output;
        Assert.Contains("(pixel/255 − 0) / 1", words);
        Assert.Contains("Linear+Relu", words);
        Assert.DoesNotContain(" \n", words);
        Assert.DoesNotContain("\u001b", words);
    }

    [Fact]
    public void Bench_gives_both_latencies_and_their_ratio()
    {
        JsonNode result = Tool.Run(
            "bench", network.Blob, "--against", network.Onnx, "--data", network.Data, "--threads", "1", "--seconds", "0.2", "--json").Succeeds().Json;
        foreach (string runtime in new[] { "edgeSparse", "onnxRuntime" })
        {
            double median = (double)result[runtime]!["medianMicroseconds"]!;
            Assert.InRange(median, (double)result[runtime]!["p5Microseconds"]!, (double)result[runtime]!["p95Microseconds"]!);
        }

        Assert.Equal(
            (double)result["onnxRuntime"]!["medianMicroseconds"]! / (double)result["edgeSparse"]!["medianMicroseconds"]!, (double)result["ratio"]!, 9);
        Assert.Equal(1, (int)result["threads"]!);
        Assert.True((long)result["arenaBytes"]! > 0);
        Assert.True((long)result["peakResidentBytes"]! > 1_000_000);
    }

    [Fact]
    public void Bench_of_a_blob_alone_has_no_ratio()
    {
        JsonNode result = Tool.Run("bench", network.Blob, "--seconds", "0.1", "--json").Succeeds().Json;
        Assert.Null(result["ratio"]);
        Assert.Null(result["onnxRuntime"]);
        Assert.Contains("EdgeSparse", Tool.Run("bench", network.Blob, "--seconds", "0.1").Succeeds().Output);
    }

    [Fact]
    public void Bench_tells_of_every_peer_and_layer()
    {
        JsonNode result = Tool.Run(
            "bench", network.Blob, "--against", network.Onnx, "--threads", "1,2", "--seconds", "0.1", "--json").Succeeds().Json;
        Assert.Equal([1, 2], result["runs"]!.AsArray().Select(r => (int)r!["threads"]!));
        foreach (JsonNode? run in result["runs"]!.AsArray())
        {
            JsonArray peers = run!["peers"]!.AsArray();
            Assert.Equal(["ONNX Runtime", "XNNPACK dense", "XNNPACK sparse"], peers.Select(p => (string)p!["name"]!));
            Assert.Equal("measured", (string)peers[0]!["state"]!);
            Assert.InRange((double)peers[0]!["ratio"]!["median"]!, (double)peers[0]!["ratio"]!["p5"]!, (double)peers[0]!["ratio"]!["p95"]!);
            Assert.Equal("unavailable", (string)peers[2]!["state"]!);
            Assert.NotNull((string?)peers[2]!["reason"]);
            Assert.Null(peers[2]!["ratio"]);
        }

        JsonArray layers = result["layers"]!.AsArray();
        Assert.Equal(["fc1", "fc2", "fc3"], layers.Select(l => (string)l!["name"]!));
        Assert.Equal("Linear", (string)layers[0]!["operation"]!);
        Assert.Equal(300, (int)layers[0]!["rows"]!);
        Assert.Equal(784, (int)layers[0]!["columns"]!);
        Assert.True((double)layers[0]!["measuredMicroseconds"]! > 0);
        Assert.True((double)layers[0]!["predictedMicroseconds"]! > 0);
        Assert.Null(layers[0]!["tunedMicroseconds"]);
        Assert.NotEqual("", (string)layers[0]!["why"]!);
        Assert.StartsWith("linear-", (string)layers[0]!["kernel"]!);

        string words = Tool.Run("bench", network.Blob, "--against", network.Onnx, "--seconds", "0.1", "--peers", "xnnpack").Succeeds().Output;
        Assert.Contains("XNNPACK sparse  unavailable: ", words);
        Assert.DoesNotContain("ONNX Runtime", words);
    }

    [Fact]
    public void Explain_says_what_dominates()
    {
        JsonNode result = Tool.Run("explain", network.Blob, "--json").Succeeds().Json;
        JsonArray layers = result["layers"]!.AsArray();
        Assert.Equal(1, layers.Sum(l => (double)l!["share"]!), 9);
        Assert.Equal((string)layers.MaxBy(l => (double)l!["share"]!)!["name"]!, (string)result["dominant"]!);
        Assert.Equal(1, (int)result["threads"]!);

        string words = Tool.Run("explain", network.Blob).Succeeds().Output;
        Assert.Matches(@"(?m)^  most of it  fc\d takes \d+ %", words);
        Assert.Contains("Linear 100 %\n", words);

        JsonNode unmeasured = Tool.Run("explain", network.Blob, "--no-measure", "--json").Succeeds().Json;
        Assert.Null(unmeasured["totalMicroseconds"]);
        Assert.Null(unmeasured["layers"]![0]!["measuredMicroseconds"]);
        Assert.Contains("not measured\n", Tool.Run("explain", network.Blob, "--no-measure").Succeeds().Output);
    }

    [Fact]
    public void Compile_packs_the_exported_network_to_the_same_answers()
    {
        JsonNode result = Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--target", "rpi4", "--input-shape", "1x1x28x28", "--json").Succeeds().Json;
        Assert.Equal("rpi4", (string)result["target"]!);
        Assert.Equal(266_200, (long)result["weights"]!["total"]!);
        Assert.Equal((long)network.Result["weights"]!["kept"]!, (long)result["weights"]!["kept"]!);
        Assert.Equal(new FileInfo(folder["m.esb"]).Length, (long)result["blobBytes"]!);
        Tool.Run("verify", folder["m.esb"], "--against", network.Onnx, "--data", network.Data).Succeeds();
    }

    [Fact]
    public void Data_list_says_where_each_set_is()
    {
        JsonNode list = Tool.Run("data", "list", "--data-dir", folder.Root, "--json").Succeeds().Json;
        Assert.Equal(
            ["mnist", "fashion-mnist", "cifar-10", "cifar-100", "synthetic-digits"], list["dataSets"]!.AsArray().Select(d => (string)d!["name"]!));
        Assert.True((bool)list["dataSets"]![4]!["present"]!);
        Assert.Equal(folder.Root, (string)list["searchedFolders"]![0]!);
    }

    [Fact]
    public void Data_check_names_the_file_that_is_wrong()
    {
        Directory.CreateDirectory(folder["mnist"]);
        File.WriteAllBytes(folder["mnist/train-images-idx3-ubyte"], [0, 0, 8, 3]);
        ToolResult result = Tool.Run("data", "check", "mnist", "--data-dir", folder.Root, "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.False((bool)result.Json["right"]!);
        Assert.Equal(["damaged", "absent", "absent", "absent"], result.Json["files"]!.AsArray().Select(f => (string)f!["state"]!));
    }

    [Fact]
    public void Doctor_loads_every_native_library()
    {
        JsonNode diagnosis = Tool.Run("doctor", "--json").Succeeds().Json;
        Assert.Equal(["libtorch", "ONNX Runtime", "SkiaSharp"], diagnosis["libraries"]!.AsArray().Select(l => (string)l!["name"]!));
        Assert.All(diagnosis["libraries"]!.AsArray(), l => Assert.True((bool)l!["present"]!, (string)l["detail"]!));
        Assert.Equal(Environment.ProcessorCount, (int)diagnosis["machine"]!["cores"]!);
    }
}
