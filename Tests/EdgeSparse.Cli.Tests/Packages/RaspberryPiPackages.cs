using EdgeSparse.Targets;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Cli.Tests.Packages;

/// <summary>One network, published as both kinds of package.</summary>
public sealed class RaspberryPiPackages : IDisposable
{
    private const string Emulator = "/usr/bin/qemu-aarch64-static";
    private readonly TemporaryFolder folder = new();

    public RaspberryPiPackages()
    {
        Toolchain toolchain = ToolchainFile.Read();
        try
        {
            new FirmwarePublisher(toolchain, SourceTree.Find()).RequireTools(toolchain.Find("rpi4"));
        }
        catch (TargetsException error)
        {
            Assert.Skip(error.Message);
        }

        Assert.SkipUnless(File.Exists("/usr/bin/dpkg-deb"), "there is no dpkg-deb here");
        WeightedSums.WriteModel(folder["sums.onnx"]);
        Tool.Run("compile", folder["sums.onnx"], "-o", folder["sums.esb"], "--target", "rpi4").Succeeds();
        Tool.Run("keys", "new", folder["signing"]).Succeeds();
        ToolResult published = Publish(Debian).Succeeds();
        (ReportedPackageBytes, ReportedExecutableBytes) = ((long)published.Json["packageBytes"]!, (long)published.Json["executableBytes"]!);
        Publish(Archive).Succeeds();
        Call("dpkg-deb", "--extract", Debian, folder["unpacked"]);
    }

    public string Debian => folder["sums.deb"];

    public string Archive => folder["sums.tar.gz"];

    public string Folder => folder.Root;

    public long ReportedPackageBytes { get; }

    public long ReportedExecutableBytes { get; }

    public string PathOf(string name) => folder[name];

    public string Unpacked(string name) => Path.Combine(folder["unpacked"], name);

    public void Dispose() => folder.Dispose();

    internal string Call(string program, params string[] arguments) => PackedProducts.Call(program, arguments).Succeeds().Output;

    /// <summary>Runs a program of the package on an emulated Cortex-A72; skips the calling test where there is no emulator.</summary>
    internal string Emulate(string program, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Emulator), "to run it here too: eng/arm64-emulation.sh");
        return Call(Emulator, ["-L", "/usr/aarch64-linux-gnu", "-cpu", "cortex-a72", Unpacked(program), .. arguments]);
    }

    private ToolResult Publish(string file) => Tool.Run(
        "publish", "--target", "rpi4", "--model", folder["sums.esb"], "--sign", folder["signing"], "--order", "5", "-o", file, "--json");
}
