using System.Runtime.Versioning;

namespace EdgeSparse.Cli.Tests;

/// <summary>Keys, deployments and targets of one's own, as far as they need no device.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeployVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Keys_new_writes_a_pair_once()
    {
        string path = folder["signing"];
        Assert.Equal($"{path}.pub", (string)Tool.Run("keys", "new", path, "--json").Succeeds().Json["publicKey"]!);
        Assert.Equal(["signing", "signing.pub"], folder.Entries);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Tool.Run("keys", "new", path).FailsWith(1, $"edgesparse: error: '{path}.pub' exists already; a key is never overwritten");
    }

    [Fact]
    public void A_folder_that_was_not_published_is_named_with_what_to_do() =>
        Tool.Run("deploy", folder.Root, "--host", "pi@host").FailsWith(
            1,
            $"edgesparse: error: there is no '{folder["manifest.json"]}'; make a deployable folder with: edgesparse publish --target T --model M.esb -o '{folder.Root}'");

    [Theory]
    [InlineData("edgesparse: error: give either --host or --inventory (see edgesparse status --help)", "status")]
    [InlineData("edgesparse: error: give either --host or --inventory (see edgesparse rollback --help)", "rollback", "--host", "a", "--inventory", "b")]
    [InlineData("edgesparse: error: --canary is a percentage from 0 to 100 (see edgesparse deploy --help)", "deploy", "out", "--host", "a", "--canary", "101")]
    [InlineData("edgesparse: error: --sign and --order are about a model: give --model (see edgesparse publish --help)", "publish", "-o", "out", "--sign", "key")]
    [InlineData("edgesparse: error: m.deb is to hold a model: give --model (see edgesparse publish --help)", "publish", "-o", "m.deb")]
    [InlineData("edgesparse: error: --serve and --watch are for the service of a Debian package: end the name of --output with .deb (see edgesparse publish --help)", "publish", "-o", "out", "--model", "m.esb", "--watch", "/in")]
    [InlineData("edgesparse: error: --serve and --watch exclude each other (see edgesparse publish --help)", "publish", "-o", "m.deb", "--model", "m.esb", "--watch", "/in", "--serve", "tcp:0.0.0.0:1")]
    [InlineData("edgesparse: error: MODEL.esb is missing (see edgesparse bench --help)", "bench")]
    [InlineData("edgesparse: error: --against is for this machine, not for a device (see edgesparse bench --help)", "bench", "m.esb", "--host", "pi@host", "--against", "m.onnx")]
    [InlineData("edgesparse: error: --meter is about a device: give --host or --inventory (see edgesparse bench --help)", "bench", "m.esb", "--meter", "rapl")]
    [InlineData("edgesparse: error: --root is about a device: give --host or --inventory (see edgesparse bench --help)", "bench", "m.esb", "--root", "x")]
    public void A_wrong_command_line_is_one_line(string line, params string[] arguments) => Tool.Run(arguments).FailsWith(2, line);

    [Theory]
    [InlineData("""{ "targets": [{ "id": "rpi4", "formats": ["csr", "coo"] }] }""", "the target 'rpi4': 'coo' is no weight format; the formats are dense, csr, ")]
    [InlineData("""{ "targets": [{ "id": "rpi4", "meter": "volts" }] }""", "the target 'rpi4': there is no meter 'volts'. Allowed: ina219")]
    public void Formats_and_meters_of_targets_are_checked_before_any_work(string json, string message)
    {
        string own = folder.Write("own.json", json);
        ToolResult result = Tool.Run("doctor", "--toolchain", own);
        Assert.StartsWith($"edgesparse: error: {own}: {message}", result.Error, StringComparison.Ordinal);
        Assert.Equal((1, "", 1), (result.ExitCode, result.Output, result.Error.Count(c => c == '\n')));
    }

    [Theory]
    [InlineData("publish", "--target", "android-arm64", "--model", "m.esb", "-o", "m.deb", "edgesparse: error: 'android-arm64' (linux-bionic-arm64) takes no Debian packages; publish a folder or a .tar.gz for it")]
    [InlineData("bench", "no.esb", "--host", "pi@host", "edgesparse: error: there is no blob or folder 'no.esb'")]
    [InlineData("bench", "--host", "pi@host", "--target", "rpi4", "--threads", "1,5", "edgesparse: error: --threads 5 is more than the 4 cores of 'rpi4'")]
    public void What_cannot_work_is_told_before_any_work(params string[] argumentsAndLine) => Tool.Run(argumentsAndLine[..^1]).FailsWith(1, argumentsAndLine[^1]);

    [Fact]
    public void The_schema_names_the_weight_formats_that_there_are()
    {
        using var schema = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Targets.Publishing.SourceTree.Above(AppContext.BaseDirectory)!.Root, "docs", "toolchain.schema.json")));
        Assert.Equal(
            Compiler.Packing.WeightLayouts.Names,
            schema.RootElement.GetProperty("$defs").GetProperty("target").GetProperty("properties").GetProperty("formats").GetProperty("items").GetProperty("enum").EnumerateArray().Select(n => n.GetString()!));
    }

    [Fact]
    public void Targets_of_ones_own_are_checked_before_any_work()
    {
        string own = folder.Write("own.json", """{ "targets": [{ "id": "rpi4", "vectorLanes": 16 }] }""");
        Tool.Run("doctor", "--toolchain", own).FailsWith(
            1, $"edgesparse: error: {own}: the target 'rpi4' has 16 vectorLanes, but vectors of 'armv8-a' hold 4 numbers");
    }
}
