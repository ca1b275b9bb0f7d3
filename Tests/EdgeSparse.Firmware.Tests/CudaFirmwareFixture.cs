using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Firmware.Tests;

/// <summary>The executable, published once for the machine that tests with the code for NVIDIA GPUs.</summary>
public sealed class CudaFirmwareFixture
{
    private readonly PublishedFirmware? published;

    public CudaFirmwareFixture(FirmwareFixture firmware)
    {
        // What the machine lacks to publish, the other fixture says.
        if (!firmware.IsPublished)
        {
            return;
        }

        Toolchain toolchain = ToolchainFile.Read();
        TargetProfile host = toolchain.Find(Toolchain.HostId);
        TargetProfile withCuda = host with { Id = "host-cuda", PublishProperties = host.PublishProperties.SetItem("EdgeSparseCuda", "true") };
        published = new FirmwarePublisher(toolchain, SourceTree.Find()).Publish(withCuda, Path.Combine(firmware.Folder, "published-cuda"), onLine: Log.Add);
    }

    /// <summary>What the publish printed.</summary>
    internal List<string> Log { get; } = [];

    public PublishedFirmware Published
    {
        get
        {
            Assert.SkipWhen(published is null, "there is no native compiler");
            return published!;
        }
    }

    public ProcessResult Run(params ReadOnlySpan<string> arguments) =>
        ProcessRunner.Run(
            new ProcessRequest(Published.Executable, [.. arguments]) { Timeout = TimeSpan.FromMinutes(1) },
            cancellation: TestContext.Current.CancellationToken);
}
