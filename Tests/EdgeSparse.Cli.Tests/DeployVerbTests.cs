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
    public void A_wrong_command_line_is_one_line(string line, params string[] arguments) => Tool.Run(arguments).FailsWith(2, line);

    [Fact]
    public void Targets_of_ones_own_are_checked_before_any_work()
    {
        string own = folder.Write("own.json", """{ "targets": [{ "id": "rpi4", "vectorLanes": 16 }] }""");
        Tool.Run("doctor", "--toolchain", own).FailsWith(
            1, $"edgesparse: error: {own}: the target 'rpi4' has 16 vectorLanes, but vectors of 'armv8-a' hold 4 numbers");
    }
}
