using EdgeSparse.Targets.Profiles;

namespace EdgeSparse.Targets.Tests.Profiles;

public class HostProcessorTests
{
    [Theory]
    [InlineData("linux-x64", "x86-64-v2", "linux-x64")]
    [InlineData("linux-x64", "x86-64-v2 x86-64-v3", "linux-x64-v3")]
    [InlineData("linux-x64", "x86-64-v2 x86-64-v3 x86-64-v4", "linux-x64-avx512")]
    [InlineData("linux-arm64", "armv8-a", "linux-arm64")]
    [InlineData("linux-arm64", "armv8-a armv8.2-a dotprod", "linux-arm64")]
    public void Host_is_the_widest_profile_that_the_processor_can_run(string rid, string instructionSets, string expected) =>
        Assert.Equal(expected, ToolchainFile.Read().Find("host", new HostProcessor(rid, [.. instructionSets.Split(' ')])).Id);

    [Fact]
    public void A_host_without_a_profile_is_told_to_name_one()
    {
        TargetsException error = Assert.Throws<TargetsException>(() => ToolchainFile.Read().Find("host", new HostProcessor("osx-arm64", ["armv8-a"])));
        Assert.StartsWith("no target fits this machine (osx-arm64, armv8-a); name one: linux-x64, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_instruction_set_of_a_list_must_be_there()
    {
        HostProcessor host = new("linux-arm64", ["armv8-a", "armv8.2-a"]);
        Assert.True(host.Supports("armv8.2-a"));
        Assert.False(host.Supports("armv8.2-a,dotprod"));
    }

    [Fact]
    public void The_machine_that_runs_the_tests_has_a_profile() =>
        Assert.Contains(ToolchainFile.Read().Find("host").Id, ToolchainFile.Read().TargetIds);
}
