using System.Diagnostics;
using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

/// <summary>Pruning by a statistic from the command line, on a trained network and data that take seconds.</summary>
public sealed class CriterionTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("woodfisher", """, "gradients": 40, "gradientBatch": 2, "dampening": 1e-4, "steps": 2""")]
    [InlineData("magnitude", "")]
    public void A_trained_network_is_pruned_in_one_shot(string method, string more)
    {
        JsonNode result = Compress(Recipe($$"""{ "stage": "prune", "method": "{{method}}", "sparsity": 0.95, "exclude": ["fc3"]{{more}} }"""), "--json").Succeeds().Json;
        Assert.Equal(0, (double)result["dense"]!["error"]!);
        Assert.InRange((double)result["sparse"]!["error"]!, 0, 0.1);
        Assert.Equal(method, (string)result["stages"]![0]!["method"]!);
        JsonNode[] layers = [.. result["layers"]!.AsArray().Select(l => l!)];
        Assert.InRange((long)layers[2]["kept"]!, 1, 1_000);

        // A twentieth of 235,200 + 30,000.
        Assert.Equal(13_260, (long)layers[0]["kept"]! + (long)layers[1]["kept"]!);
        Assert.True((bool)result["verification"]!["passed"]!);
        Assert.Equal(["p.esb", "p.json"], folder.Entries);
    }

    [Fact]
    public void A_killed_run_goes_on_to_the_same_bytes()
    {
        string recipe = Recipe("""{ "stage": "prune", "method": "woodfisher", "sparsity": 0.98, "gradients": 40, "dampening": 1e-4, "steps": 12, "stepShape": "geometric" }""");
        Compress(recipe).Succeeds();
        byte[] whole = File.ReadAllBytes(folder["p.esb"]);
        File.Delete(folder["p.esb"]);

        using Process process = Tool.Start(null, Arguments(recipe));
        string checkpoint = Path.Combine(folder["p.esb.work"], "01-prune", "training.checkpoint.pruned");
        Stopwatch watch = Stopwatch.StartNew();
        while (!process.HasExited && !File.Exists(checkpoint) && watch.Elapsed < TimeSpan.FromMinutes(2))
        {
            Thread.Sleep(5);
        }

        process.Kill();
        process.WaitForExit();
        ToolResult second = Compress(recipe).Succeeds();
        Assert.StartsWith($"going on with the work in '{folder["p.esb.work"]}'\n", second.Error);
        Assert.Equal(whole, File.ReadAllBytes(folder["p.esb"]));
    }

    [Theory]
    [InlineData("""{ "stage": "prune", "method": "woodfisher" }""", "nothing to prune: give sparsity, or layers")]
    [InlineData("""{ "stage": "prune", "method": "woodfisher", "sparsity": 0.5, "dampening": 0 }""", "dampening")]
    [InlineData("""{ "stage": "prune", "method": "magnitude", "sparsity": 1 }""", "sparsity")]
    [InlineData("""{ "stage": "prune", "method": "wodfisher", "sparsity": 0.5 }""", "did you mean 'woodfisher'?")]
    [InlineData("""{ "stage": "prune", "method": "magnitude", "sparsity": 0.5, "exclude": ["fc4"] }""", "did you mean 'fc1'?")]
    [InlineData("""{ "stage": "prune", "method": "woodfisher", "sparsity": 0.5, "gradients": 1000000 }""", "lower gradients or gradientBatch")]
    public void A_bad_option_is_one_line_and_leaves_nothing(string stage, string part)
    {
        ToolResult result = Compress(Recipe(stage));
        Assert.Equal(1, result.ExitCode);
        string line = result.Error.TrimEnd('\n').Split('\n')[^1];
        Assert.StartsWith("edgesparse: error: ", line);
        Assert.Contains(part, line);
        Assert.False(File.Exists(folder["p.esb"]));
    }

    private string Recipe(string stage) => folder.Write("p.json", $$"""{ "name": "p", "model": "lenet-300-100", "stages": [ {{stage}} ] }""");

    private string[] Arguments(string recipe) =>
        ["compress", "--recipe", recipe, "--data", network.Data, "--model", network.Onnx, "-o", folder["p.esb"], "--target", "linux-x64-v3"];

    private ToolResult Compress(string recipe, params string[] more) => Tool.Run([.. Arguments(recipe), .. more]);
}
