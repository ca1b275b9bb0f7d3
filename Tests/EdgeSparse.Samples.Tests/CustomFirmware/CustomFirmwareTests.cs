using EdgeSparse.Runtime.Inputs;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Samples.Tests.CustomFirmware;

/// <summary>A user's own program on the runtime's package, outside the repository. Slow: it is compiled for x64 and, natively, for Arm64.</summary>
[Trait("Speed", "slow")]
public sealed class CustomFirmwareTests(PackedRuntime packed) : IClassFixture<PackedRuntime>
{
    private const string Emulator = "/usr/bin/qemu-aarch64-static";
    private const string CrossLibraries = "/usr/aarch64-linux-gnu";

    [Fact]
    public void Published_for_Arm64_with_nothing_but_dotnet_it_answers_there_as_it_does_here()
    {
        SkipWithoutCrossTools();
        using SampleFolder folder = new();
        string model = folder.WriteRowSums();
        string samples = folder["samples.npy"];
        using (FileStream stream = File.Create(samples))
        {
            // Three whose upper row has the larger sum, and one that has not.
            NpyFile.Write(stream, [2, 2, 1, 1, 1, 0, 0, 0, -1, 3, 1, 0, 0, 1, 1, 1], 4, 1, 2, 2);
        }

        packed.Dotnet("build", "-c", "Release", "-nologo", "-v", "quiet");
        ProcessResult here = Run("dotnet", Path.Combine(packed.Artifacts, "bin", "CustomFirmware", "release", "CustomFirmware.dll"), model, samples);
        Assert.Equal((0, "class 0: 3\nclass 1: 1\n", ""), (here.ExitCode, here.Output, here.Error));

        string log = packed.Dotnet("publish", "-r", "linux-arm64", "-p:PublishAot=true");
        Assert.DoesNotContain("warning", log, StringComparison.OrdinalIgnoreCase);
        string executable = Path.Combine(packed.Artifacts, "publish", "CustomFirmware", "release_linux-arm64", "CustomFirmware");
        ProcessResult there = Run(Emulator, "-L", CrossLibraries, "-cpu", "cortex-a72", executable, model, samples);

        Assert.Equal((here.ExitCode, here.Output, here.Error), (there.ExitCode, there.Output, there.Error));
        Assert.InRange(new FileInfo(executable).Length, 1, 2_500_000);
    }

    private static ProcessResult Run(string command, params ReadOnlySpan<string> arguments) =>
        ProcessRunner.Run(new ProcessRequest(command, [.. arguments]) { Timeout = TimeSpan.FromMinutes(1) }, cancellation: TestContext.Current.CancellationToken);

    private static void SkipWithoutCrossTools()
    {
        Toolchain toolchain = ToolchainFile.Read();
        TargetProfile target = toolchain.Find("linux-arm64");
        Assert.SkipWhen(target.Rid == HostProcessor.Current.Rid, "this machine is of the target's kind");
        Assert.SkipUnless(File.Exists(Emulator), "there is no emulator of Arm64; run: eng/arm64-emulation.sh");
        try
        {
            new FirmwarePublisher(toolchain, SourceTree.Find()).RequireTools(target);
        }
        catch (TargetsException error)
        {
            Assert.Skip(error.Message);
        }
    }
}
