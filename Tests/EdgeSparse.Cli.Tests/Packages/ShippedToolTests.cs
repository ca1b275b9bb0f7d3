using System.Text;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Cli.Tests.Packages;

/// <summary>
/// The command as it leaves the repository: published, and packed as a dotnet tool and installed. Each must load libtorch on its
/// own, and build firmware without a clone. Slow: half a gigabyte of native libraries is packed and unpacked.
/// </summary>
[Trait("Speed", "slow")]
public sealed class ShippedToolTests(PackedProducts products) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_published_command_loads_libtorch()
    {
        string project = Path.Combine(PackedProducts.RepositoryRoot, "Compiler", "EdgeSparse.Cli", "EdgeSparse.Cli.csproj");
        PackedProducts.Dotnet("publish", project, "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-o", folder["published"], "-v", "quiet", "-nologo");
        LoadsEveryLibrary(folder["published/edgesparse"]);
    }

    [Fact]
    public void The_packed_tool_installs_and_loads_libtorch() => LoadsEveryLibrary(products.InstalledTool);

    [Fact]
    public void The_installed_tool_compiles_a_model_and_publishes_firmware_for_it_from_an_empty_folder()
    {
        ToolProject project = products.Project;
        Assert.Contains("publish", project.Edgesparse("--help").Succeeds().Output, StringComparison.Ordinal);
        WeightedSums.WriteSample(project["x.npy"]);
        ToolResult ran = project.Run(project["out/edgesparse-run"], "out/sums.esb", "--input", "x.npy");
        Assert.Equal((0, WeightedSums.Answer, ""), (ran.ExitCode, ran.Output, ran.Error));
        Assert.Equal("linux-x64", DeployableFolder.Read(project["out"]).Manifest.Target);

        // It was built in the cache, nothing was written beside the installed sources, and nothing of the machine is in the executable.
        Assert.Single(Directory.GetDirectories(Path.Combine(project.Cache, "edgesparse", "firmware")));
        string sources = Directory.GetDirectories(Path.GetDirectoryName(products.InstalledTool)!, "sources", SearchOption.AllDirectories).Single();
        Assert.Empty(Directory.GetDirectories(sources, "obj", SearchOption.AllDirectories));
        ReadOnlySpan<byte> executable = File.ReadAllBytes(project["out/edgesparse-run"]);
        Assert.True(executable.IndexOf(Encoding.UTF8.GetBytes(project.Root)) < 0, "the executable names the cache folder");
        Assert.True(executable.IndexOf(Encoding.UTF8.GetBytes(sources)) < 0, "the executable names the installed sources");
    }

    private static void LoadsEveryLibrary(string command)
    {
        ToolResult result = PackedProducts.Call(command, "doctor", "--json");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.All(result.Json["libraries"]!.AsArray(), l => Assert.True((bool)l!["present"]!, (string)l["detail"]!));
    }
}
