using System.Globalization;
using System.Text.RegularExpressions;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

/// <summary>Every test of the runtime, so every kernel with every format, passes when compiled for Arm64: on emulated processors.</summary>
public partial class Arm64RuntimeTests(Arm64TestsFixture arm64) : IClassFixture<Arm64TestsFixture>
{
    /// <param name="processor">The Raspberry Pi 4's, without the dot product; and all that the emulator knows, with it.</param>
    [Theory]
    [InlineData("cortex-a72")]
    [InlineData("max")]
    public void The_runtimes_tests_pass_on_Arm64(string processor)
    {
        ProcessResult result = arm64.Run(processor, expectedSet: "Vector128");

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Match summary = Summary().Match(result.Output);
        Assert.True(summary.Success, result.Output + result.Error);
        Assert.Equal(("0", "0"), (summary.Groups["errors"].Value, summary.Groups["failed"].Value));
        // 180 passed on 2026-11-25.
        Assert.InRange(NumberIn(summary, "total") - NumberIn(summary, "skipped"), 170, int.MaxValue);
    }

    private static int NumberIn(Match summary, string group) => int.Parse(summary.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Total: (?<total>\d+), Errors: (?<errors>\d+), Failed: (?<failed>\d+), Skipped: (?<skipped>\d+)")]
    private static partial Regex Summary();
}
