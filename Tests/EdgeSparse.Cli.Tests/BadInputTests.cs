namespace EdgeSparse.Cli.Tests;

/// <summary>Whatever is wrong with what the command is given: one line, exit code 1, and no file left.</summary>
public sealed class BadInputTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private const int VersionOffset = 8;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("inspect")]
    [InlineData("run", "--input", "x.npy")]
    [InlineData("bench")]
    [InlineData("explain")]
    public void A_missing_blob(string verb, params string[] more) =>
        Tool.Run([verb, "/nowhere/m.esb", .. more]).FailsWith(1, "edgesparse: error: there is no file '/nowhere/m.esb'");

    [Fact]
    public void A_truncated_blob()
    {
        byte[] blob = File.ReadAllBytes(network.Blob);
        File.WriteAllBytes(folder["m.esb"], blob[..^100]);
        OneLine(Tool.Run("inspect", folder["m.esb"]), $"edgesparse: error: '{folder["m.esb"]}': the blob is truncated");
    }

    [Fact]
    public void A_corrupt_blob()
    {
        byte[] blob = File.ReadAllBytes(network.Blob);
        blob[blob.Length / 2] ^= 1;
        File.WriteAllBytes(folder["m.esb"], blob);
        OneLine(Tool.Run("run", folder["m.esb"], "--input", "x.npy"), $"edgesparse: error: '{folder["m.esb"]}': ");
    }

    [Fact]
    public void A_blob_of_another_version()
    {
        byte[] blob = File.ReadAllBytes(network.Blob);
        blob[VersionOffset] = 9;
        File.WriteAllBytes(folder["m.esb"], blob);
        OneLine(
            Tool.Run("bench", folder["m.esb"]),
            $"edgesparse: error: '{folder["m.esb"]}': the blob has the format version 9; this program reads version 3: pack the model again");
    }

    [Fact]
    public void A_file_that_is_no_ONNX_model()
    {
        string text = folder.Write("m.onnx", "not a model");
        OneLine(Tool.Run("compile", text, "-o", folder["m.esb"]), "edgesparse: error: ONNX model 'm.onnx': is no ONNX model");
        OneLine(Tool.Run("verify", network.Blob, "--against", text, "--data", network.Data), $"edgesparse: error: cannot load the ONNX model '{text}'");
        Assert.Equal(["m.onnx"], folder.Entries);
    }

    [Fact]
    public void An_ONNX_model_with_an_unsupported_operator()
    {
        byte[] model = File.ReadAllBytes(network.Onnx);
        // Field 4 of a node, four bytes long: its operator.
        int place = model.AsSpan().IndexOf("\x22\x04Relu"u8);
        "\x22\x04Zelu"u8.CopyTo(model.AsSpan(place));
        File.WriteAllBytes(folder["m.onnx"], model);
        OneLine(
            Tool.Run("compile", folder["m.onnx"], "-o", folder["m.esb"]),
            "edgesparse: error: ONNX model 'm.onnx': node 'fc1.relu' uses the operator Zelu, which is not supported; docs/onnx.md lists those that are");
        Assert.Equal(["m.onnx"], folder.Entries);
    }

    [Fact]
    public void An_input_of_the_wrong_shape()
    {
        File.WriteAllBytes(folder["x.npy"], StripeData.Npy("|u1", new byte[3 * 27 * 28], 3, 27, 28));
        ToolResult result = Tool.Run("run", network.Blob, "--input", folder["x.npy"], "-o", folder["y.npy"]);
        OneLine(result, $"edgesparse: error: {folder["x.npy"]}: ");
        Assert.Contains("1×1×28×28", result.Error);
        Assert.Equal(["x.npy"], folder.Entries);
    }

    [Fact]
    public void An_input_of_the_wrong_type()
    {
        File.WriteAllBytes(folder["x.npy"], StripeData.Npy("<c8", new byte[28 * 28 * 8], 1, 28, 28));
        OneLine(Tool.Run("run", network.Blob, "--input", folder["x.npy"]), $"edgesparse: error: {folder["x.npy"]}: ");
        string text = folder.Write("x.txt", "1, 2, 3");
        Tool.Run("run", network.Blob, "--input", text).FailsWith(1, $"edgesparse: error: {text}: neither a .npy, nor an .idx, nor a .png file by its content");
    }

    [Fact]
    public void A_data_set_that_is_absent()
    {
        Dictionary<string, string?> nowhere = new() { ["EDGESPARSE_DATA"] = null, ["XDG_CACHE_HOME"] = folder.Root };
        Tool.RunIn(nowhere, "compress", "--recipe", network.Recipe, "--data", "mnist", "-o", folder["m.esb"]).FailsWith(
            1, $"edgesparse: error: data set 'mnist' is not in {folder.Root}/edgesparse/data; get it with: edgesparse data get mnist");
        Tool.RunIn(nowhere, "verify", network.Blob, "--against", network.Onnx, "--data", "minst").FailsWith(
            1, "edgesparse: error: no data set or folder 'minst'; did you mean 'mnist'? Allowed: mnist, fashion-mnist, cifar-10, cifar-100, synthetic-digits");
        Assert.False(File.Exists(folder["m.esb"]));
        Assert.False(Directory.Exists(folder["m.esb.work"]));
    }

    [Fact]
    public void A_data_set_that_is_truncated()
    {
        StripeData.Write(folder["stripes"], 20, 10);
        byte[] x = File.ReadAllBytes(Path.Combine(folder["stripes"], "train-x.npy"));
        File.WriteAllBytes(Path.Combine(folder["stripes"], "train-x.npy"), x[..^50]);
        OneLine(
            Tool.Run("compress", "--recipe", network.Recipe, "--data", folder["stripes"], "-o", folder["m.esb"]),
            $"edgesparse: error: {folder["stripes"]}/train-x.npy: ");
        Assert.Equal(["stripes"], folder.Entries);
    }

    [Fact]
    public void Data_of_another_shape_than_the_network()
    {
        string recipe = folder.Write("r.json", """{ "name": "r", "model": "lenet-5", "stages": [ { "stage": "train" } ] }""");
        OneLine(
            Tool.Run("compress", "--recipe", recipe, "--data", "synthetic-digits", "--model", network.Onnx, "-o", folder["m.esb"], "--set", "data.mean=[0,0]", "--set", "data.std=[1,1]"),
            "edgesparse: error: mean and std are given for 2 channels, but the samples of 'synthetic-digits' have 1");
        Assert.Equal(["r.json"], folder.Entries);
    }

    [Fact]
    public void An_output_that_cannot_be_written()
    {
        string file = folder.Write("file", "");
        OneLine(Compress(Path.Combine(file, "m.esb")), $"edgesparse: error: cannot write '{file}/m.esb': ");
        Compress("/nowhere/m.esb").FailsWith(1, "edgesparse: error: cannot write '/nowhere/m.esb': there is no folder '/nowhere'");
        Compress(folder.Root).FailsWith(1, $"edgesparse: error: cannot write '{folder.Root}': it is a folder");
        OneLine(Compress("/proc/m.esb"), "edgesparse: error: cannot write '/proc/m.esb': ");
        OneLine(Compress(folder["m.esb"], "--onnx", "/proc/m.onnx"), "edgesparse: error: cannot write '/proc/m.onnx': ");
        Compress(folder["m.esb"], "--onnx", folder["m.esb"]).FailsWith(1, $"edgesparse: error: '{folder["m.esb"]}' cannot take two outputs at once");
        OneLine(Compress(folder["m.esb"], "--work", Path.Combine(file, "work")), $"edgesparse: error: cannot work in the folder '{file}/work': ");
        Assert.Equal(["file"], folder.Entries);
    }

    [Fact]
    public void A_full_disk()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full here");
        OneLine(Tool.Run("compile", network.Onnx, "-o", "/dev/full"), "edgesparse: error: cannot write '/dev/full': No space left on device");
        File.WriteAllBytes(folder["x.npy"], StripeData.Npy("|u1", StripeData.Sample(3, new Random(2)), 1, 28, 28));
        OneLine(
            Tool.Run("run", network.Blob, "--input", folder["x.npy"], "-o", "/dev/full"), "edgesparse: error: cannot write '/dev/full': No space left on device");
    }

    [Fact]
    public void A_disk_that_fills_up_leaves_no_half_written_file()
    {
        using SmallDisk disk = new(folder["disk"], kilobytes: 64);
        Assert.SkipUnless(disk.IsMounted, "only root can mount a small file system to fill up");
        OneLine(
            Tool.Run("compile", network.Onnx, "-o", folder["disk/m.esb"]), $"edgesparse: error: cannot write '{folder["disk/m.esb"]}': No space left on device");
        Assert.Empty(Directory.GetFileSystemEntries(folder["disk"]));
    }

    [Fact]
    public void An_unknown_layer()
    {
        string recipe = folder.Write("r.json", """
            { "name": "r", "model": "lenet-300-100",
              "stages": [ { "stage": "prune", "method": "han", "layers": { "fc11": { "density": 0.1 } } } ] }
            """);
        Tool.Run("compress", "--recipe", recipe, "--data", network.Data, "-o", folder["m.esb"]).FailsWith(
            1, $"edgesparse: error: {recipe}:2:64: 'lenet-300-100' has no layer 'fc11'; did you mean 'fc1'? Allowed: fc1, fc2, fc3");
        Tool.Run("compress", "--recipe", recipe, "--data", network.Data, "-o", folder["m.esb"], "--set", "prune.layers={\"fc1.relu\":{\"quality\":1}}").FailsWith(
            1, "edgesparse: error: --set prune.layers={\"fc1.relu\":{\"quality\":1}}: layer 'fc1.relu' is a Relu, which has no weights to prune. Allowed: fc1, fc2, fc3");
        Assert.Equal(["r.json"], folder.Entries);
    }

    [Theory]
    [InlineData("prune.sparsity=0", "sparsity is 0; allowed: above 0, below 1")]
    [InlineData("prune.sparsity=1", "sparsity is 1; allowed: above 0, below 1")]
    [InlineData("prune.density=0", "density is 0; allowed: above 0, at most 1")]
    [InlineData("prune.sparsity=NaN", "sparsity must be a number, found \"NaN\"")]
    public void A_sparsity_that_prunes_nothing_or_all(string set, string message)
    {
        Compress(folder["m.esb"], "--set", set).FailsWith(1, $"edgesparse: error: --set {set}: {message}");
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void A_layer_that_would_lose_all_its_weights()
    {
        ToolResult result = Compress(folder["m.esb"], "--set", "prune.density=null", "--set", "prune.quality=50");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("edgesparse: error: layer 'fc1' would lose all its 235200 weights with the quality parameter 50; lower it\n", result.Error);
        Assert.False(File.Exists(folder["m.esb"]));
    }

    [Fact]
    public void A_loss_that_is_no_number()
    {
        ToolResult result = Compress(folder["m.esb"], "--set", "train.optimizer.learningRate=100");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Matches("^edgesparse: error: the loss is (NaN|∞|Infinity) in epoch \\d+, step \\d+ of 20; lower the learning rate", result.Error.Split('\n')[^2]);
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void A_device_that_is_not_there()
    {
        OneLine(Compress(folder["m.esb"], "--device", "cuda"), "edgesparse: error: ");
        ToolResult usage = Compress(folder["m.esb"], "--device", "gpu");
        Assert.Equal("edgesparse: error: there is no device 'gpu'. Allowed: cpu, cuda, cuda:N (see edgesparse compress --help)\n", usage.Error);
        Assert.Equal(2, usage.ExitCode);
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void A_target_that_is_not_known() => OneLine(
        Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--target", "rpi9"), "edgesparse: error: there is no target 'rpi9'; there are ");

    [Fact]
    public void Weights_that_do_not_fit()
    {
        string text = folder.Write("w.safetensors", "no tensors");
        OneLine(Compress(folder["m.esb"], "--weights", text), "edgesparse: error: ");
        OneLine(Compress(folder["m.esb"], "--weights", folder["none.safetensors"]), "edgesparse: error: ");
        Assert.Equal(["w.safetensors"], folder.Entries);
    }

    [Fact]
    public void A_work_folder_with_other_files()
    {
        Directory.CreateDirectory(folder["mine"]);
        File.WriteAllText(folder["mine/thesis.txt"], "five years");
        Compress(folder["m.esb"], "--work", folder["mine"]).FailsWith(
            1, $"edgesparse: error: the folder '{folder["mine"]}' holds other files and is no work folder of edgesparse; name an empty or a new one with --work");
        Assert.Equal("five years", File.ReadAllText(folder["mine/thesis.txt"]));
    }

    [Fact]
    public void Blob_and_model_that_do_not_agree_fail_the_verification()
    {
        string recipe = folder.Write("r.json", """{ "name": "r", "model": "lenet-300-100", "stages": [ { "stage": "train", "epochs": 1 } ] }""");
        Tool.Run("train", "--recipe", recipe, "--data", network.Data, "-o", folder["other.onnx"]).Succeeds();
        ToolResult result = Tool.Run("verify", network.Blob, "--against", folder["other.onnx"], "--data", network.Data, "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.False((bool)result.Json["passed"]!);
        Assert.True((int)result.Json["mismatches"]! > 50);
    }

    private static void OneLine(ToolResult result, string start)
    {
        Assert.StartsWith(start, result.Error);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
        Assert.Equal("", result.Output);
        Assert.Equal(1, result.ExitCode);
    }

    private ToolResult Compress(string output, params string[] more) =>
        Tool.Run(["compress", "--recipe", network.Recipe, "--data", network.Data, "-o", output, .. more]);
}
