using System.Diagnostics;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime.Tests;

/// <summary>
/// Runs the tests of kernels and sessions again in processes without the machine's best instruction sets. Inside one process a
/// test can choose lesser kernels, but only so can it take the fused multiply-add and the vectors away from them.
/// </summary>
public sealed class InstructionSetTests
{
    public const string ExpectedSet = "EDGESPARSE_TEST_EXPECTED_SET";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", nameof(InstructionSet.Avx512), "Avx2")]
    [InlineData("DOTNET_EnableAVX2", nameof(InstructionSet.Avx2), "Vector128")]
    [InlineData("DOTNET_EnableHWIntrinsic", nameof(InstructionSet.Vector128), "Scalar")]
    public async Task Kernels_and_sessions_pass_without_what_a_variable_takes_away(string variable, string taken, string expectedSet)
    {
        Assert.SkipUnless(Hardware.Best >= Enum.Parse<InstructionSet>(taken), $"this machine has no {taken}");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the test executable is started as Linux names it");
        string executable = Path.ChangeExtension(typeof(InstructionSetTests).Assembly.Location, null);
        var start = new ProcessStartInfo(executable)
        {
            ArgumentList = { "-namespace", "EdgeSparse.Runtime.Tests.Kernels", "-namespace", "EdgeSparse.Runtime.Tests.Sessions", "-noColor" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[variable] = "0";
        start.Environment[ExpectedSet] = expectedSet;

        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output + await errors);
        Assert.Contains("Failed: 0", output);
        Assert.DoesNotContain("Total: 0", output);
    }
}
