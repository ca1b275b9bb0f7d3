using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Targets.Tests.Publishing;

public class RequiredToolsTests
{
    private static readonly Toolchain Toolchain = ToolchainFile.Read();

    [Fact]
    public void Missing_cross_tools_give_the_one_command_that_installs_them()
    {
        TargetsException error = Assert.Throws<TargetsException>(() => RequiredTools.Check(
            Toolchain.Find("rpi4"),
            [
                new RequiredTool { Command = "clang", Package = "clang" },
                new RequiredTool { File = "/no/such/zlib.h", Package = "zlib1g-dev" },
                new RequiredTool { Command = "ld.lld", Package = "lld" },
            ],
            "/no/such/folder"));
        Assert.Equal(
            "publishing for 'rpi4' needs clang, /no/such/zlib.h, ld.lld; run: sudo apt-get install -y clang zlib1g-dev lld",
            error.Message);
    }

    [Fact]
    public void A_tool_that_is_no_package_comes_with_advice()
    {
        TargetsException error = Assert.Throws<TargetsException>(() => RequiredTools.Check(
            Toolchain.Find("android-arm64"), [new RequiredTool { Command = "ndk-clang", Advice = "unpack the NDK" }], ""));
        Assert.Equal("publishing for 'android-arm64' needs ndk-clang; unpack the NDK", error.Message);
    }

    [Fact]
    public void Tools_that_are_there_pass()
    {
        string folder = Directory.CreateTempSubdirectory("edgesparse-tools").FullName;
        try
        {
            string tool = Path.Combine(folder, "a-linker");
            File.WriteAllText(tool, "");
            RequiredTools.Check(
                Toolchain.Find("rpi4"),
                [new RequiredTool { Command = "a-linker", Package = "x" }, new RequiredTool { File = tool, Package = "x" }],
                $"/no/such/folder{Path.PathSeparator}{folder}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Cross_tools_are_asked_for_only_when_crossing()
    {
        TargetProfile rpi4 = Toolchain.Find("rpi4");
        Assert.Equal(["clang", "zlib1g-dev"], Toolchain.ToolsFor(rpi4, "linux-arm64").Select(t => t.Package));
        Assert.Equal(
            ["clang", "zlib1g-dev", "lld", "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
            Toolchain.ToolsFor(rpi4, "linux-x64").Select(t => t.Package));
    }
}
