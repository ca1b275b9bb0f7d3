using EdgeSparse.Targets.Deploying;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests.Deploying;

/// <summary>A folder that plays a device's.</summary>
internal sealed class Device(FirmwareFixture firmware, SshServer server)
{
    public string Root { get; } = firmware.NewFile("");

    public string Current => Path.Combine(Root, "current");

    /// <summary>Name of the slot in use, by the link; empty before the first deployment.</summary>
    public string Slot => new DirectoryInfo(Current).LinkTarget is { } link ? Path.GetFileName(link) : "";

    public DeployOptions Options => new() { Access = server.Access, Root = Root, HealthSeconds = 3 };

    /// <summary>The order of the model in use, of which everything that it states is found to be so, and whose self-test passes.</summary>
    public long RequireWhole(params string[] key)
    {
        // The link is followed once: it may be replaced between two looks.
        string slot = new DirectoryInfo(Current).ResolveLinkTarget(true)!.FullName;
        string executable = Path.Combine(slot, "edgesparse-run");
        string verified = Run(executable, [slot, "--verify", .. key]);
        Assert.StartsWith("self-test passed", Run(executable, [slot, "--self-test", .. key]), StringComparison.Ordinal);
        return long.Parse(verified.Split(' ', ',')[2]);
    }

    /// <summary>Waits until no script of a lost connection works in the folder any more.</summary>
    public void WaitForScripts()
    {
        if (Directory.Exists(Root))
        {
            Run("flock", [Path.Combine(Root, "lock"), "true"]);
        }
    }

    private static string Run(string program, string[] arguments)
    {
        ProcessResult result = ProcessRunner.Run(
            new ProcessRequest(program, [.. arguments]) { Timeout = TimeSpan.FromMinutes(1) }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }
}
