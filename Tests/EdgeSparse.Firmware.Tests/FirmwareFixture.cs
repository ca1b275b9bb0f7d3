using EdgeSparse.Targets;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

[assembly: AssemblyFixture(typeof(EdgeSparse.Firmware.Tests.FirmwareFixture))]

namespace EdgeSparse.Firmware.Tests;

/// <summary>The executable, published once for the machine that tests, and a folder for the tests' files.</summary>
public sealed class FirmwareFixture : IDisposable
{
    private readonly PublishedFirmware? published;
    private readonly string skipReason = "";

    public FirmwareFixture()
    {
        Toolchain toolchain = ToolchainFile.Read();
        FirmwarePublisher publisher = new(toolchain, SourceTree.Find());
        TargetProfile host = toolchain.Find(Toolchain.HostId);
        try
        {
            publisher.RequireTools(host);
        }
        catch (TargetsException error)
        {
            skipReason = error.Message;
            return;
        }

        published = publisher.Publish(host, Path.Combine(Folder, "published"), onLine: Log.Add);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("edgesparse-firmware").FullName;

    /// <summary>Whether there is a native compiler.</summary>
    public bool IsPublished => published is not null;

    /// <summary>What the publish printed.</summary>
    internal List<string> Log { get; } = [];

    /// <summary>Skips the calling test, with the reason, where there is no native compiler.</summary>
    public PublishedFirmware Published
    {
        get
        {
            Assert.SkipWhen(published is null, skipReason);
            return published!;
        }
    }

    /// <summary>A path in the test folder that no other test uses.</summary>
    public string NewFile(string extension) => Path.Combine(Folder, $"{Guid.NewGuid():N}{extension}");

    public string Write(string extension, ReadOnlySpan<byte> bytes)
    {
        string path = NewFile(extension);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public ProcessResult Run(params ReadOnlySpan<string> arguments) =>
        ProcessRunner.Run(
            new ProcessRequest(Published.Executable, [.. arguments]) { Timeout = TimeSpan.FromMinutes(1) },
            cancellation: TestContext.Current.CancellationToken);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
