using System.Collections.Immutable;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Firmware.Tests;

/// <summary>The tests that share <see cref="CudaFirmwareFixture"/>.</summary>
[CollectionDefinition(Name)]
public sealed class CudaFirmware : ICollectionFixture<CudaFirmwareFixture>
{
    public const string Name = "firmware with CUDA";
}

/// <summary>
/// The executable, published once for the machine that tests with the code for NVIDIA GPUs, and an emulated driver for it, whose folder the
/// environment's EDGESPARSE_EMULATED_CUDA names.
/// </summary>
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

    public ProcessResult Run(params ReadOnlySpan<string> arguments) => Run(ImmutableSortedDictionary<string, string?>.Empty, arguments);

    /// <summary>Runs it on an emulated GPU; skips the calling test where there is none.</summary>
    /// <param name="gpu">What it is like: see EdgeSparse.PtxEmulator.Driver.EmulatedGpu.</param>
    public ProcessResult RunOn(string gpu, params ReadOnlySpan<string> arguments) => Run(EnvironmentOf(gpu), arguments);

    /// <summary>The environment of a program that is to find an emulated GPU.</summary>
    public static ImmutableSortedDictionary<string, string?> EnvironmentOf(string gpu)
    {
        string? folder = Environment.GetEnvironmentVariable("EDGESPARSE_EMULATED_CUDA");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "the emulated CUDA driver is missing; run eng/ptx-emulator.sh, and set EDGESPARSE_EMULATED_CUDA to artifacts/ptx-emulator");
        return ImmutableSortedDictionary<string, string?>.Empty.Add("LD_LIBRARY_PATH", folder).Add("EDGESPARSE_EMULATED_GPU", gpu);
    }

    private ProcessResult Run(ImmutableSortedDictionary<string, string?> environment, ReadOnlySpan<string> arguments) =>
        ProcessRunner.Run(
            new ProcessRequest(Published.Executable, [.. arguments]) { Environment = environment, Timeout = TimeSpan.FromMinutes(1) },
            cancellation: TestContext.Current.CancellationToken);
}
