using EdgeSparse.Targets;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Firmware.Tests;

/// <summary>The executable for a Raspberry Pi 4, published once, and what runs it on a machine of another kind.</summary>
public sealed class CrossFirmwareFixture : IDisposable
{
    internal const string Emulator = "/usr/bin/qemu-aarch64-static";
    private const string CrossLibraries = "/usr/aarch64-linux-gnu";
    private readonly string folder = Directory.CreateTempSubdirectory("edgesparse-cross").FullName;
    private readonly string root = SourceTree.Find().Root;
    private readonly PublishedFirmware? published;
    private readonly string skipReason = "";

    public CrossFirmwareFixture()
    {
        Toolchain toolchain = ToolchainFile.Read();
        TargetProfile target = toolchain.Find("rpi4");
        if (target.Rid == HostProcessor.Current.Rid)
        {
            skipReason = "this machine is of the target's kind";
            return;
        }

        FirmwarePublisher publisher = new(toolchain, SourceTree.Find());
        try
        {
            publisher.RequireTools(target);
        }
        catch (TargetsException error)
        {
            skipReason = error.Message;
            return;
        }

        published = publisher.Publish(target, Path.Combine(folder, target.Id), onLine: Log.Add);
    }

    /// <summary>What the publish printed.</summary>
    internal List<string> Log { get; } = [];

    /// <summary>Skips the calling test, with the reason, where there are no cross tools.</summary>
    public PublishedFirmware Published
    {
        get
        {
            Assert.SkipWhen(published is null, skipReason);
            return published!;
        }
    }

    /// <summary>Runs it as a process; skips the calling test where there is no emulator.</summary>
    /// <param name="processor">A name that QEMU's <c>-cpu</c> knows.</param>
    /// <param name="arguments">Of the firmware.</param>
    public ProcessResult Run(string processor, params ReadOnlySpan<string> arguments)
    {
        string executable = Published.Executable;
        Assert.SkipUnless(File.Exists(Emulator), "published; to run it here too: eng/arm64-emulation.sh");
        return ProcessRunner.Run(
            new ProcessRequest(Emulator, ["-L", CrossLibraries, "-cpu", processor, executable, .. arguments]),
            cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>Runs it as PID 1 of an emulated machine; skips the calling test where that or its kernel are not there.</summary>
    public ProcessResult Boot(params ReadOnlySpan<string> arguments)
    {
        string executable = Published.Executable;
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(root, "artifacts", "arm64-kernel")), "published; to boot it here too: eng/arm64-machine.sh");
        return ProcessRunner.Run(
            new ProcessRequest(Path.Combine(root, "Targets", "Firmware", "boot-test.sh"), [executable, .. arguments]) { Timeout = TimeSpan.FromMinutes(2) },
            cancellation: TestContext.Current.CancellationToken);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
