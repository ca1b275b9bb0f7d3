namespace EdgeSparse.Architecture.Tests;

/// <summary>The scripts at the root stay runnable right after cloning.</summary>
public class ScriptTests
{
    public static TheoryData<string> Scripts =>
        [.. Repository.Files.Where(f => f is "edgesparse" or ".ci/run" || f.EndsWith(".sh", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Scripts_are_executable_or_sourced_and_stop_at_the_first_error(string script)
    {
        string text = Repository.TextOf(script);
        if (!text.StartsWith("#!", StringComparison.Ordinal))
        {
            Assert.StartsWith("# Sourced", text, StringComparison.Ordinal);
            return;
        }

        Assert.StartsWith("#!/usr/bin/env bash\n", text, StringComparison.Ordinal);
        Assert.Contains("\nset -euo pipefail\n", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(File.GetUnixFileMode(Repository.PathOf(script)).HasFlag(UnixFileMode.UserExecute), $"{script} is not executable");
        }
    }

    /// <summary>Compares with PyTorch where Python has it, and does all else without.</summary>
    private const string ComparesWithPyTorch = "Tests/Benchmarks/EdgeSparse.Gpu/on-device/run.sh";

    [Fact]
    public void Scripts_need_nothing_but_bash_coreutils_and_dotnet() =>
        Assert.All(
            Scripts.Select(s => s.Data).Where(s => s != ComparesWithPyTorch),
            s => Assert.DoesNotMatch(@"(^|[\s|(])(python3?|jq|perl)\s", Repository.TextOf(s)));
}
