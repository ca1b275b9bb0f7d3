using System.Globalization;
using System.Text.RegularExpressions;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

/// <summary>The runtime's tests, so every kernel with every format, pass when compiled for Arm64: on emulated processors.</summary>
public partial class Arm64RuntimeTests(Arm64TestsFixture arm64) : IClassFixture<Arm64TestsFixture>
{
    /// <param name="processor">The Raspberry Pi 4's, and the 5's, for which code with atomic instructions is compiled.</param>
    /// <param name="namespaces">The tests; reading files is the same on both.</param>
    /// <param name="fewest">Tests that must have passed: 452 and 299 did on 2026-11-26.</param>
    [Theory]
    [InlineData("cortex-a72", "*", 440)]
    [InlineData("cortex-a76", "*.Kernels,*.Sessions,*.Threading", 290)]
    public void The_runtimes_tests_pass_on_Arm64(string processor, string namespaces, int fewest)
    {
        ProcessResult result = arm64.Run(processor, namespaces.Split(','), expectedSet: "Vector128");

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Match summary = Summary().Match(result.Output);
        Assert.True(summary.Success, result.Output + result.Error);
        Assert.Equal(("0", "0"), (summary.Groups["errors"].Value, summary.Groups["failed"].Value));
        Assert.InRange(NumberIn(summary, "total") - NumberIn(summary, "skipped"), fewest, int.MaxValue);
    }

    private static int NumberIn(Match summary, string group) => int.Parse(summary.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Total: (?<total>\d+), Errors: (?<errors>\d+), Failed: (?<failed>\d+), Skipped: (?<skipped>\d+)")]
    private static partial Regex Summary();
}
