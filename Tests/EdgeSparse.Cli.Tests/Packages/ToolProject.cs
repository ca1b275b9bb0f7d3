using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests.Packages;

/// <summary>
/// A folder outside of any clone where the installed tool has compiled a small network (<c>sums.esb</c>) and published firmware for it
/// (<c>out</c>), with a cache folder of its own.
/// </summary>
public sealed class ToolProject : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string tool;

    /// <summary>Skips the calling test where there is no native compiler.</summary>
    public ToolProject(string tool)
    {
        this.tool = tool;
        Directory.CreateDirectory(folder["work"]);
        JsonNode publishing = Edgesparse("doctor", "--json").Succeeds().Json["tools"]!.AsArray().Single(t => (string)t!["name"]! == "publish")!;
        Assert.SkipUnless((bool)publishing["present"]!, (string)publishing["detail"]!);
        WeightedSums.WriteModel(this["sums.onnx"]);
        Edgesparse("compile", "sums.onnx", "-o", "sums.esb", "--target", "linux-x64").Succeeds();
        Edgesparse("publish", "--target", "linux-x64", "--model", "sums.esb", "-o", "out").Succeeds();
    }

    /// <summary>Of the project and its cache.</summary>
    public string Root => folder.Root;

    /// <summary>Where the firmware was built.</summary>
    public string Cache => folder["cache"];

    /// <summary>The path of what has this name in the project.</summary>
    public string this[string name] => Path.Combine(folder["work"], name);

    /// <summary>Runs the installed tool in the project.</summary>
    internal ToolResult Edgesparse(params string[] arguments) => PackedProducts.CallIn(folder["work"], Cache, tool, arguments);

    /// <summary>Runs another program in the project.</summary>
    internal ToolResult Run(string program, params string[] arguments) => PackedProducts.CallIn(folder["work"], null, program, arguments);

    public void Dispose() => folder.Dispose();
}
