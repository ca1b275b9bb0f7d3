using System.Collections.Immutable;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Firmware.Tests;

/// <summary>The runtime's tests, published once for Arm64, and the emulator that runs them on a machine of another kind.</summary>
public sealed class Arm64TestsFixture
{
    private const string Rid = "linux-arm64";
    private readonly string libraries;
    private readonly string executable;
    private readonly string skipReason = "";

    public Arm64TestsFixture()
    {
        string root = SourceTree.Find().Root;
        string artifacts = Path.Combine(root, "artifacts", "arm64-tests");
        libraries = Path.Combine(root, "artifacts", "arm64-libraries");
        executable = Path.Combine(artifacts, "publish", "EdgeSparse.Runtime.Tests", $"release_{Rid}", "EdgeSparse.Runtime.Tests");
        if (HostProcessor.Current.Rid == Rid)
        {
            skipReason = "this machine runs the tests for Arm64 itself";
        }
        else if (!File.Exists(CrossFirmwareFixture.Emulator) || !Directory.Exists(libraries))
        {
            skipReason = "an emulator of Arm64, or libraries for it, are missing; run: eng/arm64-emulation.sh";
        }
        else
        {
            Publish(root, artifacts);
        }
    }

    /// <summary>Runs tests of the runtime, but not those that start others; skips the calling test where there is no emulator.</summary>
    /// <param name="processor">A name that QEMU's <c>-cpu</c> knows.</param>
    /// <param name="namespaces">Of the tests; each may begin with an asterisk.</param>
    /// <param name="expectedSet">The best instruction set that the runtime must find there.</param>
    public ProcessResult Run(string processor, IReadOnlyList<string> namespaces, string expectedSet)
    {
        Assert.SkipWhen(skipReason.Length > 0, skipReason);
        ImmutableSortedDictionary<string, string?> environment = ImmutableSortedDictionary<string, string?>.Empty
            .Add("EDGESPARSE_TEST_EXPECTED_SET", expectedSet)
            // Everything is repeated on processors that are not emulated. Bytes have eight bits and nine changes: with 11 each has its turn.
            .Add("EDGESPARSE_TEST_EVERY", "11")
            // Compiled code is otherwise written through a second mapping, and QEMU before 8.1 goes on running what was there before.
            .Add("DOTNET_EnableWriteXorExecute", "0")
            // Compiling once, optimised, costs an emulated processor less than compiling twice; and it is what runs on devices.
            .Add("DOTNET_TieredCompilation", "0");
        return ProcessRunner.Run(
            new ProcessRequest(
                CrossFirmwareFixture.Emulator,
                [
                    "-L", libraries, "-cpu", processor, executable, "-noColor", "-noLogo", "-class-", "EdgeSparse.Runtime.Tests.InstructionSetTests",
                    .. namespaces.SelectMany(n => new[] { "-namespace", n }),
                ])
            {
                Environment = environment,
                // For a run that hangs: one takes four or five minutes on two idle processors, twice that on busy ones.
                Timeout = TimeSpan.FromMinutes(20),
            },
            cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>With intermediate files of its own, so that it may overlap with other builds.</summary>
    private static void Publish(string root, string artifacts)
    {
        string project = Path.Combine(root, "Tests", "EdgeSparse.Runtime.Tests", "EdgeSparse.Runtime.Tests.csproj");
        ProcessResult result = ProcessRunner.Run(
            new ProcessRequest(
                "dotnet",
                ["publish", project, "-nologo", "-v", "minimal", "-c", "Release", "-r", Rid, "--self-contained", $"-p:ArtifactsPath={artifacts}"])
            {
                WorkingDirectory = root,
                Environment = ImmutableSortedDictionary<string, string?>.Empty
                    .Add("DOTNET_NOLOGO", "1").Add("DOTNET_CLI_TELEMETRY_OPTOUT", "1").Add("MSBUILDDISABLENODEREUSE", "1"),
            });
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }
}
