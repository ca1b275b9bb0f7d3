using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

public sealed class CalibrateTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_and_data_are_enough_to_prune_without_training()
    {
        JsonNode result = Calibrate("--data", network.Data, "--set", "prune.sparsity=0.95", "--onnx", folder["c.onnx"], "--json").Succeeds().Json;
        Assert.Equal("out.onnx", (string)result["model"]!);
        Assert.Equal(0, (double)result["dense"]!["error"]!);
        Assert.InRange((double)result["sparse"]!["error"]!, 0, 0.05);
        Assert.InRange((long)result["weights"]!["kept"]!, 5_000, 13_310);
        Assert.Equal("reconstruct", (string)result["stages"]![0]!["method"]!);
        Assert.Null(result["agreement"]);
        Assert.Equal(["c.esb", "c.onnx"], folder.Entries);
    }

    [Fact]
    public void Inputs_without_labels_are_measured_by_what_the_dense_network_says()
    {
        byte[] pixels = [.. Enumerable.Range(0, 60).SelectMany(i => StripeData.Sample(i % StripeData.Classes, new Random(i)))];
        File.WriteAllBytes(folder["inputs.npy"], StripeData.Npy("|u1", pixels, 60, 28, 28));
        JsonNode result = Calibrate("--data", folder["inputs.npy"], "--set", "prune.sparsity=0.95", "--calibration-samples", "40", "--json").Succeeds().Json;
        Assert.Null(result["dense"]);
        Assert.Null(result["sparse"]);
        Assert.InRange((double)result["agreement"]!["sameClass"]!, 0.9, 1);
        Assert.InRange((double)result["agreement"]!["meanAbsolute"]!, 0, 5);
        Assert.Equal(10, (int)result["verification"]!["samples"]!);
        Assert.Null(result["verification"]!["sparseError"]);
    }

    [Fact]
    public void Sparse_initializers_make_the_file_smaller_and_verify_reads_it()
    {
        Calibrate("--data", network.Data, "--set", "prune.sparsity=0.95", "--onnx", folder["dense.onnx"]).Succeeds();
        Calibrate("--data", network.Data, "--set", "prune.sparsity=0.95", "--onnx", folder["sparse.onnx"], "--sparse-initializers").Succeeds();

        // 266,200 weights of 4 bytes; some 13,000 of 12.
        Assert.InRange(new FileInfo(folder["dense.onnx"]).Length, 1_064_800, 1_080_000);
        Assert.InRange(new FileInfo(folder["sparse.onnx"]).Length, 60_000, 175_000);
        Tool.Run("verify", folder["c.esb"], "--against", folder["sparse.onnx"], "--data", network.Data).Succeeds();
        Tool.Run("compile", folder["sparse.onnx"], "-o", folder["again.esb"], "--onnx", folder["again.onnx"], "--sparse-initializers").Succeeds();
        Assert.Equal(new FileInfo(folder["sparse.onnx"]).Length, new FileInfo(folder["again.onnx"]).Length, 200.0);
    }

    [Fact]
    public void A_recipes_targets_are_kept_and_its_training_is_left_out()
    {
        JsonNode result = Calibrate(
            "--recipe", network.Recipe, "--data", network.Data, "--set", "prune.layers.fc3.density=1", "--json").Succeeds().Json;
        Assert.Equal(["prune"], result["stages"]!.AsArray().Select(s => (string)s!["name"]!));
        Assert.Equal(0.1, (double)result["layers"]![0]!["kept"]! / 235_200, 0.01);
    }

    [Fact]
    public void Without_labels_training_must_imitate_the_dense_network()
    {
        byte[] pixels = [.. Enumerable.Range(0, 60).SelectMany(i => StripeData.Sample(i % StripeData.Classes, new Random(i)))];
        File.WriteAllBytes(folder["inputs.npy"], StripeData.Npy("|u1", pixels, 60, 28, 28));
        string recipe = folder.Write("prune.json", """
            { "name": "p", "model": "lenet-5", "stages": [ { "stage": "prune", "method": "han", "iterations": 1, "density": 0.05, "retrain": { "epochs": 2, "batchSize": 10 } } ] }
            """);
        string[] run = ["compress", "--recipe", recipe, "--data", folder["inputs.npy"], "--model", network.Onnx, "-o", folder["p.esb"], "--json"];
        Tool.Run(run).FailsWith(
            1,
            "edgesparse: error: the samples of 'inputs' have no labels, so that there is only the dense network to learn from: set \"distillation\": 1 in 'retrain' of stage 'prune'");
        JsonNode result = Tool.Run([.. run, "--set", "prune.retrain.distillation=1"]).Succeeds().Json;
        Assert.InRange((double)result["agreement"]!["sameClass"]!, 0.8, 1);
    }

    [Theory]
    [InlineData("edgesparse: error: --calibrate-only: there is neither a recipe nor a model; give --model FILE.onnx or --recipe R.json", 1, "--calibrate-only")]
    [InlineData("edgesparse: error: Option '--recipe' is required (see edgesparse compress --help)", 2)]
    [InlineData("edgesparse: error: --calibration-samples goes with --calibrate-only; without it, say --set STAGE.samples=N (see edgesparse compress --help)", 2, "--calibration-samples", "3")]
    [InlineData("edgesparse: error: --sparse-initializers needs --onnx OUT.onnx (see edgesparse compress --help)", 2, "--recipe", "r.json", "--sparse-initializers")]
    public void What_is_missing_is_said(string line, int exitCode, params string[] more) =>
        Tool.Run(["compress", "-o", folder["x.esb"], .. more]).FailsWith(exitCode, line);

    [Fact]
    public void Data_and_a_target_are_needed()
    {
        Calibrate("--set", "prune.sparsity=0.5").FailsWith(1, "edgesparse: error: --calibrate-only: the recipe names no data; add \"data\" or give --data NAME");
        ToolResult result = Calibrate("--data", network.Data);
        Assert.Contains("nothing to prune: give quality, density, sparsity, or layers", result.Error);
        Assert.Equal(1, result.ExitCode);
        byte[] features = new byte[80];
        File.WriteAllBytes(folder["wrong.npy"], StripeData.Npy("|u1", features, 8, 10));
        Calibrate("--data", folder["wrong.npy"], "--set", "prune.sparsity=0.5").FailsWith(
            1, "edgesparse: error: 'lenet-300-100' takes inputs of shape N×1×28×28, but the samples of 'wrong' have the shape 10");
    }

    private ToolResult Calibrate(params string[] more) =>
        Tool.Run(["compress", "--model", network.Onnx, "--calibrate-only", "-o", folder["c.esb"], "--target", "linux-x64-v3", .. more]);
}
