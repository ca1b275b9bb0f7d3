using System.Text.RegularExpressions;

namespace EdgeSparse.Architecture.Tests;

/// <summary>Who may depend on whom, read from the project files.</summary>
public class DependencyRulesTests
{
    /// <summary>Every production project with all projects that it may reference, directly or through another.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["EdgeSparse.Runtime"] = [],
        ["EdgeSparse.Runtime.Cuda"] = ["EdgeSparse.Runtime"],
        ["EdgeSparse.Runtime.Gpu"] = ["EdgeSparse.Runtime"],
        ["EdgeSparse.Energy"] = ["EdgeSparse.Runtime"],
        ["EdgeSparse.Compiler"] = ["EdgeSparse.Runtime", "EdgeSparse.Runtime.Gpu"],
        ["EdgeSparse.Targets"] = ["EdgeSparse.Runtime"],
        ["EdgeSparse.Firmware"] = ["EdgeSparse.Runtime", "EdgeSparse.Runtime.Cuda", "EdgeSparse.Energy"],
        ["EdgeSparse.Cli"] = ["EdgeSparse.Runtime", "EdgeSparse.Runtime.Gpu", "EdgeSparse.Energy", "EdgeSparse.Compiler", "EdgeSparse.Targets"],
    };

    /// <summary>Heavy packages stay out of everything that runs on a device or only describes one.</summary>
    private static readonly string[] CompilerOnly =
        ["TorchSharp", "TorchSharp-cuda-linux", "libtorch-cpu-linux-x64", "Google.Protobuf", "Grpc.Tools", "Microsoft.ML.OnnxRuntime", "SkiaSharp", "SkiaSharp.NativeAssets.Linux.NoDependencies"];

    private static IEnumerable<ProjectFile> Production => Repository.Projects.Where(p => p.Area is not ("Tests" or "Samples"));

    [Fact]
    public void Every_production_project_has_a_rule() =>
        Assert.Equal(Allowed.Keys.Order(), Production.Select(p => p.Name).Order());

    [Fact]
    public void Production_projects_reference_only_what_the_architecture_allows() =>
        Assert.All(Production, p => Assert.Empty(p.ProjectClosure().Except(Allowed[p.Name])));

    [Fact]
    public void Runtime_depends_on_tensors_and_hashing_alone() =>
        Assert.Equal(["System.IO.Hashing", "System.Numerics.Tensors"], Repository.Project("EdgeSparse.Runtime").PackageNames.Order());

    /// <summary>It compiles code when it runs, which what runs on a device must not.</summary>
    [Fact]
    public void The_GPU_backend_adds_ILGPU_alone_to_the_runtime() =>
        Assert.Equal(["ILGPU"], Repository.Project("EdgeSparse.Runtime.Gpu").PackageNames);

    /// <summary>The second one only with -p:IotDeviceBindings=true, which the tests of that project check.</summary>
    [Fact]
    public void Energy_depends_on_the_I2C_package_and_on_request_on_device_bindings() =>
        Assert.Equal(["Iot.Device.Bindings", "System.Device.Gpio"], Repository.Project("EdgeSparse.Energy").PackageNames.Order());

    [Fact]
    public void Firmware_adds_signatures_alone_to_the_runtime() =>
        Assert.Equal(["BouncyCastle.Cryptography"], Repository.Project("EdgeSparse.Firmware").PackageNames);

    [Fact]
    public void Targets_needs_signatures_and_SSH_alone() =>
        Assert.Equal(["BouncyCastle.Cryptography", "SSH.NET"], Repository.Project("EdgeSparse.Targets").PackageNames.Order());

    [Fact]
    public void Training_import_and_image_packages_are_referenced_by_the_compiler_alone() =>
        Assert.All(
            Production.Where(p => p.Name != "EdgeSparse.Compiler"),
            p => Assert.Empty(p.PackageNames.Intersect(CompilerOnly)));

    [Fact]
    public void Nothing_depends_on_the_command_line_or_a_sample_but_their_tests() =>
        Assert.All(
            Repository.Projects.Where(p => p.Name is not ("EdgeSparse.Cli.Tests" or "EdgeSparse.Samples.Tests")),
            p => Assert.DoesNotContain(p.ProjectReferences, r => r == "EdgeSparse.Cli" || Repository.Project(r).Area == "Samples"));

    /// <summary>And nothing of the repository's settings reaches it: files of the same names in its folder end the search for them.</summary>
    [Fact]
    public void The_sample_of_a_users_own_program_knows_the_runtimes_package_alone()
    {
        var sample = ProjectFile.Read(Repository.OutsideProject);
        Assert.Empty(sample.ProjectReferences);
        Assert.Equal(["EdgeSparse.Runtime"], sample.PackageNames);
        Assert.Contains("Samples/CustomFirmware/Directory.Build.props", Repository.Files);
        Assert.Contains("Samples/CustomFirmware/Directory.Build.targets", Repository.Files);
        string version = Regex.Match(Repository.TextOf("Directory.Build.props"), "<Version>(.*)</Version>").Groups[1].Value;
        Assert.Contains($"Include=\"EdgeSparse.Runtime\" Version=\"{version}\"", Repository.TextOf("Samples/CustomFirmware/Directory.Packages.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_are_made_of_the_runtime_of_energy_and_of_the_command_alone() =>
        Assert.Equal(
            ["EdgeSparse.Cli", "EdgeSparse.Energy", "EdgeSparse.Runtime"],
            Repository.Projects.Where(p => Regex.IsMatch(Repository.TextOf(p.RelativePath), "<IsPackable>true<|eng/Library.props")).Select(p => p.Name).Order());

    [Fact]
    public void Production_never_references_tests() =>
        Assert.All(Production, p => Assert.DoesNotContain(p.ProjectReferences, r => Repository.Project(r).Area == "Tests"));

    [Theory]
    [InlineData("EdgeSparse.Runtime")]
    [InlineData("EdgeSparse.Energy")]
    [InlineData("EdgeSparse.Firmware")]
    public void What_runs_on_a_device_is_checked_for_trimming_and_AOT(string name)
    {
        string text = Repository.TextOf(Repository.Project(name).RelativePath);
        Assert.True(text.Contains("<IsAotCompatible>true<", StringComparison.Ordinal) || text.Contains("<PublishAot>true<", StringComparison.Ordinal));
    }
}
