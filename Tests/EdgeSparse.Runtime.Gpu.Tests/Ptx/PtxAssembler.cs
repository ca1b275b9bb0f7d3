using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeSparse.Runtime.Gpu.Tests.Ptx;

/// <summary>NVIDIA's assembler, ptxas, which makes an architecture's own code of PTX as a driver does. The environment's EDGESPARSE_PTXAS says where it is.</summary>
internal static partial class PtxAssembler
{
    private static readonly string? Tool = Environment.GetEnvironmentVariable("EDGESPARSE_PTXAS");

    /// <summary>What the code of a kernel takes; skips the calling test where there is no assembler.</summary>
    public static AssembledKernel Assemble(string text, string architecture)
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Tool), "NVIDIA's ptxas is missing; run eng/ptxas.sh, and set EDGESPARSE_PTXAS to artifacts/ptxas/ptxas");
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            using Process process = Process.Start(new ProcessStartInfo(Tool!, ["-v", $"-arch={architecture}", file, "-o", "/dev/null"]) { RedirectStandardError = true })!;
            string report = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, report);

            // One entry point a module; functions that it calls have stacks of their own.
            return new AssembledKernel(
                Number(Assert.Single(Registers().Matches(report))), Shared().Match(report) is { Success: true } shared ? Number(shared) : 0, Stack().Matches(report).Sum(Number));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static int Number(Match match) => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex Registers();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex Shared();

    [GeneratedRegex(@"(\d+) bytes (?:stack frame|spill stores|spill loads)")]
    private static partial Regex Stack();
}

/// <summary>What an architecture's code of a kernel takes.</summary>
/// <param name="Registers">Of each thread.</param>
/// <param name="SharedBytes">Of each group.</param>
/// <param name="StackBytes">What a thread keeps in memory because there are too few registers, stored and loaded bytes counted too.</param>
internal sealed record AssembledKernel(int Registers, int SharedBytes, int StackBytes);
