using System.Text.Json.Nodes;
using EdgeSparse.Firmware.Tests;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Cli.Tests;

public class QuickstartTests
{
    /// <summary>The same job as ./quickstart.sh with a tenth of its epochs.</summary>
    [Fact]
    public void The_quickstart_trains_prunes_packs_verifies_publishes_and_runs()
    {
        SkipWithoutNativeCompiler();
        using TemporaryFolder folder = new();
        JsonNode json = Tool.Run(
            "quickstart", "--json", "-o", folder.Root,
            "--set", "train.epochs=1", "--set", "prune.iterations=1", "--set", "prune.finalRetrain.epochs=1").Succeeds().Json;

        Assert.InRange(json["compress"]!["sparse"]!["error"]!.GetValue<double>(), 0, 0.15);
        Assert.Equal(266200, json["compress"]!["weights"]!["total"]!.GetValue<long>());
        Assert.InRange(json["compress"]!["weights"]!["kept"]!.GetValue<long>(), 1, 30000);
        Assert.True(json["compress"]!["verification"]!["passed"]!.GetValue<bool>());
        Assert.InRange(json["firmware"]!["right"]!.GetValue<int>(), 80, 100);
        Assert.InRange(json["firmware"]!["executableBytes"]!.GetValue<long>(), 1, ExecutableLimit.For(ToolchainFile.Read().Find(Toolchain.HostId)));
        Assert.NotNull(json["bench"]!["ratio"]);
        Assert.Equal(
            ["digit.idx", "digits.idx", "edgesparse-run", "model.onnx"],
            folder.Entries.Where(f => !f.EndsWith(".esb", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static void SkipWithoutNativeCompiler()
    {
        Toolchain toolchain = ToolchainFile.Read();
        try
        {
            new FirmwarePublisher(toolchain, SourceTree.Find()).RequireTools(toolchain.Find(Toolchain.HostId));
        }
        catch (TargetsException error)
        {
            Assert.Skip(error.Message);
        }
    }
}
