using System.Diagnostics;

namespace EdgeSparse.Cli.Tests;

/// <summary>A file system of a few kilobytes, to fill up; mounted only where the tests may do that.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string folder;

    public SmallDisk(string folder, int kilobytes)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        IsMounted = Environment.IsPrivilegedProcess && Succeeds("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", folder);
    }

    public bool IsMounted { get; }

    public void Dispose()
    {
        if (IsMounted)
        {
            Succeeds("umount", folder);
        }
    }

    private static bool Succeeds(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
