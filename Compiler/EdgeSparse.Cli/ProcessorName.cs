using System.Runtime.InteropServices;

namespace EdgeSparse.Cli;

/// <summary>What the system calls this machine's processor.</summary>
internal static class ProcessorName
{
    private const string CpuInfo = "/proc/cpuinfo";

    /// <summary>The model's name where the system tells it (on Arm boards: the board's), else the architecture.</summary>
    public static string Current
    {
        get
        {
            string? line = File.Exists(CpuInfo)
                ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal) || l.StartsWith("Model", StringComparison.Ordinal))
                : null;
            return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
    }
}
