using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EdgeSparse.Architecture.Tests;

/// <summary>The solution file, the package versions and the lock files agree with the projects.</summary>
public partial class SolutionTests
{
    [Fact]
    public void Every_project_is_in_the_solution()
    {
        IEnumerable<string> listed = SolutionProject().Matches(Repository.TextOf("EdgeSparse.sln")).Select(m => m.Groups[1].Value.Replace('\\', '/'));
        Assert.Equal(Repository.Projects.Select(p => p.RelativePath).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_production_project_but_the_firmware_has_a_test_project_of_its_name() =>
        Assert.All(
            Repository.Projects.Where(p => p.Area is "Runtime" or "Compiler" or "Targets"),
            p => Assert.Contains(Repository.Projects, t => t.Name == $"{p.Name}.Tests" && t.Area == "Tests"));

    [Fact]
    public void Package_versions_are_central()
    {
        Assert.All(
            Repository.Projects,
            p => Assert.All(p.Packages, x => Assert.True(x.Attribute("Version") is null && x.Attribute("VersionOverride") is null, $"{p.Name}: {x}")));
        Assert.Contains("<ManagePackageVersionsCentrally>true<", Repository.TextOf("Directory.Packages.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_package_version_is_exact_and_used()
    {
        IEnumerable<XElement> versions = XDocument.Parse(Repository.TextOf("Directory.Packages.props")).Descendants("PackageVersion");
        string[] projectTexts = [.. Repository.Files.Where(IsBuildFile).Select(Repository.TextOf)];
        Assert.All(versions, v =>
        {
            Assert.Matches(@"^\d+(\.\d+){1,3}$", (string)v.Attribute("Version")!);
            string name = (string)v.Attribute("Include")!;
            // A pin of a transitive package is used by the lock files alone.
            Assert.True(
                projectTexts.Any(t => t.Contains($"PackageReference Include=\"{name}\"", StringComparison.Ordinal))
                || Repository.Projects.Any(p => Repository.TextOf($"{p.Folder}/packages.lock.json").Contains($"\"{name}\"", StringComparison.Ordinal)),
                $"{name} is used by no project");
        });
    }

    [Fact]
    public void Every_package_has_its_reason_written_down()
    {
        string reasons = Repository.TextOf("docs/decisions/0001-dependencies.md");
        Assert.All(
            XDocument.Parse(Repository.TextOf("Directory.Packages.props")).Descendants("PackageVersion"),
            v =>
            {
                Assert.Contains($"`{(string)v.Attribute("Include")!}`", reasons, StringComparison.Ordinal);
                Assert.Contains((string)v.Attribute("Version")!, reasons, StringComparison.Ordinal);
            });
    }

    [Fact]
    public void Every_project_has_a_lock_file() =>
        Assert.All(Repository.Projects, p => Assert.Contains($"{p.Folder}/packages.lock.json", Repository.Files));

    private static bool IsBuildFile(string path) =>
        path.EndsWith(".csproj", StringComparison.Ordinal) || path.EndsWith(".props", StringComparison.Ordinal) || path.EndsWith(".targets", StringComparison.Ordinal);

    [GeneratedRegex("""^Project\("[^"]*"\) = "[^"]*", "([^"]*\.csproj)",""", RegexOptions.Multiline)]
    private static partial Regex SolutionProject();
}
