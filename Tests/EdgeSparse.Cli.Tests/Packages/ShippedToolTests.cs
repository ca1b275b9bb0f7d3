using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Runtime.Inputs;
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
        Directory.CreateDirectory(folder["empty"]);
        Assert.Contains("publish", Edgesparse("--help").Output, StringComparison.Ordinal);
        JsonNode publishing = Edgesparse("doctor", "--json").Json["tools"]!.AsArray().Single(t => (string)t!["name"]! == "publish")!;
        Assert.SkipUnless((bool)publishing["present"]!, (string)publishing["detail"]!);

        File.WriteAllBytes(folder["empty/model.onnx"], OnnxExporter.ToBytes(new Graph(
            "sums",
            [new GraphValue("x", new TensorShape(1, 3))],
            ["scores"],
            [new Linear("sums", "x", "scores", "w", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(2, 3), [1, 0, 2, 0, 3, 0])))));
        Edgesparse("compile", "model.onnx", "-o", "model.esb", "--target", "linux-x64");
        Edgesparse("publish", "--target", "linux-x64", "--model", "model.esb", "-o", "out");

        using (FileStream stream = File.Create(folder["empty/x.npy"]))
        {
            NpyFile.Write(stream, [10, 20, 30], 1, 3);
        }

        ToolResult ran = PackedProducts.CallIn(folder["empty"], null, folder["empty/out/edgesparse-run"], "out/model.esb", "--input", "x.npy");
        Assert.Equal((0, "0: class 0  0:70 1:60\n", ""), (ran.ExitCode, ran.Output, ran.Error));
        Assert.Equal("linux-x64", DeployableFolder.Read(folder["empty/out"]).Manifest.Target);

        // It was built in the cache, nothing was written beside the installed sources, and nothing of the machine is in the executable.
        Assert.Single(Directory.GetDirectories(folder["cache/edgesparse/firmware"]));
        string sources = Directory.GetDirectories(Path.GetDirectoryName(products.InstalledTool)!, "sources", SearchOption.AllDirectories).Single();
        Assert.Empty(Directory.GetDirectories(sources, "obj", SearchOption.AllDirectories));
        ReadOnlySpan<byte> executable = File.ReadAllBytes(folder["empty/out/edgesparse-run"]);
        Assert.True(executable.IndexOf(Encoding.UTF8.GetBytes(folder.Root)) < 0, "the executable names the cache folder");
        Assert.True(executable.IndexOf(Encoding.UTF8.GetBytes(sources)) < 0, "the executable names the installed sources");
    }

    private ToolResult Edgesparse(params string[] arguments) =>
        PackedProducts.CallIn(folder["empty"], folder["cache"], products.InstalledTool, arguments).Succeeds();

    private static void LoadsEveryLibrary(string command)
    {
        ToolResult result = PackedProducts.Call(command, "doctor", "--json");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.All(result.Json["libraries"]!.AsArray(), l => Assert.True((bool)l!["present"]!, (string)l["detail"]!));
    }
}
