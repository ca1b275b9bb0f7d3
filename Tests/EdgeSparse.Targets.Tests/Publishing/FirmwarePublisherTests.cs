using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Targets.Tests.Publishing;

public class FirmwarePublisherTests
{
    private static readonly Toolchain Toolchain = ToolchainFile.Read();

    [Fact]
    public void A_publish_for_the_building_machine_names_instruction_set_and_own_artifacts()
    {
        ProcessRequest request = CommandFor("linux-x64-v3", "linux-x64");
        Assert.Equal("dotnet", request.FileName);
        Assert.Equal(
            [
                "publish", Path.Combine("clone", "Targets", "EdgeSparse.Firmware", "EdgeSparse.Firmware.csproj"), "-nologo", "-v", "minimal",
                "-c", "Release", "-r", "linux-x64", "-p:PublishAot=true", "-p:RunAnalyzers=false", "-p:IlcInstructionSet=x86-64-v3",
                $"-p:ArtifactsPath={Path.Combine("clone", "artifacts", "firmware", "linux-x64-v3")}",
            ],
            request.Arguments);
    }

    [Fact]
    public void A_cross_publish_adds_the_platforms_linker() =>
        Assert.Contains("-p:LinkerFlavor=lld", CommandFor("rpi4", "linux-x64").Arguments);

    [Fact]
    public void A_native_publish_on_arm_needs_no_other_linker() =>
        Assert.DoesNotContain("-p:LinkerFlavor=lld", CommandFor("rpi4", "linux-arm64").Arguments);

    [Fact]
    public void A_list_of_instruction_sets_stays_one_property() =>
        Assert.Contains("-p:IlcInstructionSet=armv8.2-a%2Cdotprod", CommandFor("rpi5", "linux-x64").Arguments);

    [Fact]
    public void A_missing_blob_is_refused_before_any_work()
    {
        Toolchain toolless = Toolchain with { BuildTools = [] };
        TargetsException error = Assert.Throws<TargetsException>(
            () => new FirmwarePublisher(toolless, new SourceTree("clone")).Publish(
                toolless.Find("host"), "out", "no/such.esb", cancellation: TestContext.Current.CancellationToken));
        Assert.Equal("there is no blob 'no/such.esb' to publish", error.Message);
    }

    [Fact]
    public void The_clone_is_found_from_a_folder_inside_it()
    {
        SourceTree? tree = SourceTree.Above(AppContext.BaseDirectory);
        Assert.NotNull(tree);
        Assert.True(File.Exists(Path.Combine(tree.Root, "EdgeSparse.sln")));
        Assert.Null(SourceTree.Above(Path.GetTempPath()));
    }

    [Fact]
    public void Sources_beside_the_program_are_built_in_the_users_cache_and_never_in_their_own_folder()
    {
        string program = Directory.CreateTempSubdirectory("edgesparse-program-").FullName;
        try
        {
            Assert.Null(SourceTree.Shipped(program));
            string sources = Path.Combine(program, "sources");
            Directory.CreateDirectory(sources);
            File.WriteAllText(Path.Combine(sources, "a.cs"), "class A;");
            SourceTree first = SourceTree.Shipped(program)!;
            File.WriteAllText(Path.Combine(sources, "a.cs"), "class B;");
            SourceTree changed = SourceTree.Shipped(program)!;

            Assert.Equal(sources, first.Root);
            Assert.EndsWith(Path.Combine("edgesparse", "firmware"), Path.GetDirectoryName(first.Artifacts)!, StringComparison.Ordinal);
            Assert.NotEqual(first.Artifacts, changed.Artifacts);
            Assert.Contains(
                $"-p:ArtifactsPath={Path.Combine(changed.Artifacts, "firmware", "rpi4")}",
                new FirmwarePublisher(Toolchain, changed).PublishCommand(Toolchain.Find("rpi4"), "linux-x64").Arguments);
        }
        finally
        {
            Directory.Delete(program, recursive: true);
        }
    }

    private static ProcessRequest CommandFor(string target, string buildRid) =>
        new FirmwarePublisher(Toolchain, new SourceTree("clone")).PublishCommand(Toolchain.Find(target), buildRid);
}
