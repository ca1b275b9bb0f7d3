using System.Diagnostics;
using System.Globalization;

namespace EdgeSparse.Compiler.Verification;

/// <summary>Physical memory of this process.</summary>
internal static class ResidentMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>The most that it ever had, in bytes.</summary>
    public static long Peak()
    {
        if (OperatingSystem.IsLinux())
        {
            // Not Process.PeakWorkingSet64: on Linux it gave no more than the memory of the moment.
            return Read("VmHWM:");
        }

        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>What it has now, in bytes.</summary>
    public static long Current()
    {
        if (OperatingSystem.IsLinux())
        {
            return Read("VmRSS:");
        }

        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    /// <param name="line">For example <c>VmHWM:   111272 kB</c>.</param>
    /// <returns>Bytes.</returns>
    internal static long ParseKilobytes(string line) =>
        long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    private static long Read(string key) => ParseKilobytes(File.ReadLines(Status).First(l => l.StartsWith(key, StringComparison.Ordinal)));
}
