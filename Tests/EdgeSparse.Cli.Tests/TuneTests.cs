using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

/// <summary><c>compile --tune</c> and <c>--costs</c>.</summary>
public sealed class TuneTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static string TargetHere => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";

    private static string TargetElsewhere => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "linux-x64" : "rpi4";

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Compile_measures_each_layer_once_and_then_knows_it()
    {
        JsonNode first = Compile("--tune");
        Assert.Equal(3, (int)first["tuning"]!["measured"]!);
        Assert.All(first["layers"]!.AsArray(), l => Assert.StartsWith("measured ", (string)l!["reason"]!));
        Assert.All(first["layers"]!.AsArray(), l => Assert.True((double)l!["measuredMicroseconds"]! > 0));
        byte[] blob = File.ReadAllBytes(folder["m.esb"]);
        string table = File.ReadAllText(folder["costs.json"]);
        Assert.Equal(3, (int)Compile("--tune")["tuning"]!["known"]!);
        Assert.Equal(blob, File.ReadAllBytes(folder["m.esb"]));
        Assert.Equal(table, File.ReadAllText(folder["costs.json"]));
        Assert.Equal(3, (int)Compile()["tuning"]!["known"]!);
        Assert.Equal(["costs.json", "m.esb"], folder.Entries);
        JsonArray explained = Tool.Run("explain", folder["m.esb"], "--json").Succeeds().Json["layers"]!.AsArray();
        Assert.Equal(
            first["layers"]!.AsArray().Select(l => (double)l!["measuredMicroseconds"]!), explained.Select(l => (double)l!["tunedMicroseconds"]!));
        Assert.Equal(
            first["layers"]!.AsArray().Select(l => (string)l!["reason"]!), explained.Select(l => (string)l!["why"]!));
        Assert.Contains("tuned µs", Tool.Run("explain", folder["m.esb"], "--no-measure").Succeeds().Output);
        Assert.Contains("3 known", Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--target", TargetHere, "--costs", folder["costs.json"]).Succeeds().Output);
    }

    [Fact]
    public void Tuning_for_another_machine_is_refused()
    {
        ToolResult result = Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--tune", "--target", TargetElsewhere);
        Assert.Matches(
            $@"^edgesparse: error: --tune measures on the machine that runs it, but this one \(\S+\) cannot run programs for '{TargetElsewhere}' \(.+\): run it there, or give a cost table written there with --costs\n$",
            result.Error);
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void A_missing_or_spoilt_table_is_one_line_and_no_blob()
    {
        string table = folder["costs.json"];
        Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--costs", table).FailsWith(1, $"edgesparse: error: there is no cost table '{table}'");
        folder.Write("costs.json", "{\"targets\":[]}");
        ToolResult other = Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--target", "rpi4", "--costs", table);
        other.FailsWith(1, "edgesparse: error: the cost table has nothing for the target 'rpi4' with 4 lanes; it has no targets");
        folder.Write("costs.json", "{\"targets\":3}");
        ToolResult spoilt = Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--tune", "--target", TargetHere, "--costs", table);
        Assert.StartsWith($"edgesparse: error: the cost table '{table}' cannot be read: ", spoilt.Error);
        Assert.Equal(1, spoilt.Error.Count(c => c == '\n'));
        Assert.Equal(["costs.json"], folder.Entries);
    }

    [Fact]
    public void Data_of_few_pixels_gives_the_first_layer_columns_and_explain_says_why()
    {
        WriteDots("dots", StripeData.Side);
        Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--target", "rpi4", "--data", folder["dots"]).Succeeds();
        JsonNode layer = Tool.Run("explain", folder["m.esb"], "--no-measure", "--json").Succeeds().Json["layers"]!.AsArray()
            .First(l => (string)l!["name"]! == "fc1")!;
        Assert.Equal("Csc16", (string)layer["format"]!);

        Assert.Matches(@"^predicted .*csc .*; \d+ % of weights meet inputs that are not zero \(20 samples of .*dots\)$", (string)layer["why"]!);
        Assert.Contains("linear-csc16", Tool.Run("explain", folder["m.esb"], "--data", folder["dots"]).Succeeds().Output);
        Assert.Contains("Csc16", Tool.Run("inspect", folder["m.esb"]).Succeeds().Output);
    }

    [Fact]
    public void Data_that_does_not_fit_is_one_line_and_no_blob()
    {
        WriteDots("small", 14);
        ToolResult result = Tool.Run("compile", network.Onnx, "-o", folder["m.esb"], "--data", folder["small"]);
        Assert.Matches(@"^edgesparse: error: samples of '.*small' have the shape .+, but the network's input is .+\n$", result.Error);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["small"], folder.Entries);
    }

    /// <summary>Twenty pictures that are black but for one row.</summary>
    private void WriteDots(string name, int side)
    {
        const int samples = 20;
        Directory.CreateDirectory(folder[name]);
        byte[] pixels = new byte[samples * side * side];
        for (int i = 0; i < samples; i++)
        {
            pixels.AsSpan((i * side * side) + (5 * side), side).Fill(255);
        }

        byte[] labels = [.. Enumerable.Range(0, samples).Select(i => (byte)(i % StripeData.Classes))];
        foreach (string part in (string[])["train", "test"])
        {
            File.WriteAllBytes(Path.Combine(folder[name], $"{part}-x.npy"), StripeData.Npy("|u1", pixels, samples, side, side));
            File.WriteAllBytes(Path.Combine(folder[name], $"{part}-y.npy"), StripeData.Npy("|u1", labels, samples));
        }
    }

    private JsonNode Compile(params string[] options) => Tool.Run(
        ["compile", network.Onnx, "-o", folder["m.esb"], "--target", TargetHere, "--costs", folder["costs.json"], "--json", .. options]).Succeeds().Json;
}
