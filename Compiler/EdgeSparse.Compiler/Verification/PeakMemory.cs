using System.Diagnostics;
using System.Globalization;

namespace EdgeSparse.Compiler.Verification;

/// <summary>The most physical memory that this process ever had.</summary>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";

    public static long ResidentBytes()
    {
        if (OperatingSystem.IsLinux())
        {
            // Not Process.PeakWorkingSet64: on Linux it gave no more than the memory of the moment.
            string line = File.ReadLines(Status).First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return ParseKilobytes(line);
        }

        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <param name="line">For example <c>VmHWM:   111272 kB</c>.</param>
    /// <returns>Bytes.</returns>
    internal static long ParseKilobytes(string line) =>
        long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
}
