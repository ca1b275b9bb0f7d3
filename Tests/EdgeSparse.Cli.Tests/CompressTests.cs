using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

public sealed partial class CompressTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private const int Interrupt = 2;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_result_says_what_was_measured()
    {
        JsonNode result = network.Result;
        Assert.Equal(0, (double)result["dense"]!["error"]!);
        Assert.Equal(0, (double)result["sparse"]!["error"]!);
        Assert.Equal(266_200, (long)result["weights"]!["total"]!);
        Assert.InRange((long)result["weights"]!["kept"]!, 20_000, 26_620);
        Assert.Equal(["fc1", "fc2", "fc3"], result["layers"]!.AsArray().Select(l => (string)l!["name"]!));
        Assert.Equal([235_200, 30_000, 1_000], result["layers"]!.AsArray().Select(l => (long)l!["total"]!));
        Assert.Equal((long)result["weights"]!["kept"]!, result["layers"]!.AsArray().Sum(l => (long)l!["kept"]!));
        Assert.Equal(new FileInfo(network.Blob).Length, (long)result["blobBytes"]!);
        Assert.Equal(new FileInfo(network.Onnx).Length, (long)result["onnxBytes"]!);
        Assert.Equal(100, (int)result["verification"]!["samples"]!);
        Assert.True((bool)result["verification"]!["passed"]!);
        Assert.InRange((double)result["seconds"]!, 0.1, 600);
        Assert.Equal("linux-x64-v3", (string)result["target"]!);
    }

    [Fact]
    public void Nothing_but_the_outputs_is_left() =>
        Assert.Equal(["out.esb", "out.onnx", "recipe.json", "stripes"], network.Entries);

    [Fact]
    public void The_same_command_gives_the_same_bytes()
    {
        Compress(folder["again.esb"], "--onnx", folder["again.onnx"]).Succeeds();
        Assert.Equal(File.ReadAllBytes(network.Blob), File.ReadAllBytes(folder["again.esb"]));
        Assert.Equal(File.ReadAllBytes(network.Onnx), File.ReadAllBytes(folder["again.onnx"]));
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        JsonNode result = Compress(folder["other.esb"], "--seed", "2", "--json").Succeeds().Json;
        Assert.Equal(2, (int)result["seed"]!);
        Assert.NotEqual(File.ReadAllBytes(network.Blob), File.ReadAllBytes(folder["other.esb"]));
    }

    [Fact]
    public void An_override_reaches_its_stage()
    {
        JsonNode result = Compress(
            folder["sparse.esb"], "--json", "--set", "prune.density=null", "--set", "prune.sparsity=0.5", "--set", "prune.removeDeadNeurons=false").Succeeds().Json;
        Assert.Equal(133_100, (long)result["weights"]!["kept"]!);
    }

    [Fact]
    public void An_interrupted_run_goes_on_to_the_same_bytes()
    {
        using Process process = Tool.Start(null, Arguments(folder["stopped.esb"]));
        string stage = Path.Combine(folder["stopped.esb.work"], "02-prune");
        Stopwatch watch = Stopwatch.StartNew();
        while (!process.HasExited && !Directory.Exists(stage) && watch.Elapsed < TimeSpan.FromMinutes(2))
        {
            Thread.Sleep(5);
        }

        Assert.False(process.HasExited, "the run ended before it could be interrupted");

        // Not by a program: beside other tests it may start only after the run has ended.
        Assert.Equal(0, Signal(process.Id, Interrupt));

        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.EndsWith("edgesparse: interrupted\n", error);
        Assert.Equal(130, process.ExitCode);
        Assert.False(File.Exists(folder["stopped.esb"]));

        ToolResult second = Compress(folder["stopped.esb"]).Succeeds();
        Assert.StartsWith($"going on with the work in '{folder["stopped.esb.work"]}'\n", second.Error);
        Assert.Equal(File.ReadAllBytes(network.Blob), File.ReadAllBytes(folder["stopped.esb"]));
        Assert.Equal(["stopped.esb"], folder.Entries);
    }

    [Fact]
    public void A_killed_run_goes_on_to_the_same_bytes()
    {
        using Process process = Tool.Start(null, Arguments(folder["killed.esb"]));
        string checkpoint = Path.Combine(folder["killed.esb.work"], "01-train", "training.checkpoint");
        Stopwatch watch = Stopwatch.StartNew();
        while (!process.HasExited && !File.Exists(checkpoint) && watch.Elapsed < TimeSpan.FromMinutes(2))
        {
            Thread.Sleep(20);
        }

        process.Kill();
        process.WaitForExit();
        Assert.False(File.Exists(folder["killed.esb"]));
        ToolResult second = Compress(folder["killed.esb"]).Succeeds();
        Assert.StartsWith($"going on with the work in '{folder["killed.esb.work"]}'\n", second.Error);
        Assert.Equal(File.ReadAllBytes(network.Blob), File.ReadAllBytes(folder["killed.esb"]));
    }

    [Fact]
    public void Trained_weights_are_a_starting_point_for_a_recipe_that_only_prunes()
    {
        string weights = folder["dense.safetensors"];
        JsonNode trained = Tool.Run("train", "--recipe", network.Recipe, "--data", network.Data, "-o", weights, "--json").Succeeds().Json;
        Assert.Equal(0, (double)trained["dense"]!["error"]!);
        string recipe = folder.Write("prune.json", """
            { "name": "p", "model": "lenet-300-100", "stages": [ { "stage": "prune", "method": "han", "iterations": 1, "density": 0.2, "retrain": { "epochs": 1 } } ] }
            """);
        JsonNode result = Tool.Run(
            "compress", "--recipe", recipe, "--data", network.Data, "--weights", weights, "-o", folder["p.esb"], "--json").Succeeds().Json;
        Assert.Equal(0, (double)result["dense"]!["error"]!);
        Assert.InRange((double)result["sparse"]!["error"]!, 0, 0.05);
    }

    [Fact]
    public void An_ONNX_model_can_be_pruned_further()
    {
        string recipe = folder.Write("prune.json", """
            { "name": "p", "model": "lenet-5", "stages": [ { "stage": "prune", "method": "han", "iterations": 1, "density": 0.05, "retrain": { "epochs": 1, "batchSize": 20 } } ] }
            """);
        JsonNode result = Tool.Run(
            "compress", "--recipe", recipe, "--data", network.Data, "--model", network.Onnx, "-o", folder["p.esb"], "--json").Succeeds().Json;
        Assert.Equal("out.onnx", (string)result["model"]!);
        Assert.InRange((long)result["weights"]!["kept"]!, 1_000, 13_400);
    }

    [Fact]
    public void A_scan_measures_each_layer_at_each_density()
    {
        JsonNode result = Tool.Run(
            "prune", "--scan", "--recipe", network.Recipe, "--data", network.Data, "--model", network.Onnx, "--density", "0.5", "--density", "0.05", "--json").Succeeds().Json;
        Assert.Equal(
            [("fc1", 0.5), ("fc1", 0.05), ("fc2", 0.5), ("fc2", 0.05), ("fc3", 0.5), ("fc3", 0.05)],
            result["points"]!.AsArray().Select(p => ((string)p!["layer"]!, (double)p["asked"]!)));
    }

    private string[] Arguments(string output) =>
        ["compress", "--recipe", network.Recipe, "--data", network.Data, "-o", output, "--target", "linux-x64-v3"];

    private ToolResult Compress(string output, params string[] more) => Tool.Run([.. Arguments(output), .. more]);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
