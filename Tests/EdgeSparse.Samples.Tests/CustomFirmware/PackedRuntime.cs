using System.Collections.Immutable;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Samples.Tests.CustomFirmware;

/// <summary>
/// A copy of Samples/CustomFirmware in a folder that has nothing else but a feed with the runtime's package, where it lies as in the
/// repository: artifacts/packages.
/// </summary>
public sealed class PackedRuntime : IDisposable
{
    /// <summary>NuGet keeps what it has seen of a version, also what a developer packed long ago under the real one.</summary>
    private const string Version = "0.1.0-test";

    private readonly string folder = Directory.CreateTempSubdirectory("edgesparse-custom-").FullName;

    public PackedRuntime()
    {
        string root = SourceTree.Find().Root;
        string project = Path.Combine(root, "Runtime", "EdgeSparse.Runtime", "EdgeSparse.Runtime.csproj");
        Dotnet(root, "pack", project, "-c", "Release", "-nologo", "-v", "quiet", $"-p:PackageVersion={Version}", "-o", Path.Combine(folder, "artifacts", "packages"));
        Directory.CreateDirectory(Sample);
        foreach (string file in Directory.GetFiles(Path.Combine(root, "Samples", "CustomFirmware")))
        {
            string text = File.ReadAllText(file);
            File.WriteAllText(
                Path.Combine(Sample, Path.GetFileName(file)),
                file.EndsWith("Directory.Packages.props", StringComparison.Ordinal) ? text.Replace("\"0.1.0\"", $"\"{Version}\"", StringComparison.Ordinal) : text);
        }
    }

    private string Sample => Path.Combine(folder, "Samples", "CustomFirmware");

    /// <summary>Where the sample's builds are.</summary>
    public string Artifacts => Path.Combine(folder, "artifacts", "CustomFirmware");

    /// <summary>The dotnet command in the sample's folder, which must succeed; gives what it printed.</summary>
    public string Dotnet(params ReadOnlySpan<string> arguments) => Dotnet(Sample, arguments);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Dotnet(string workingDirectory, params ReadOnlySpan<string> arguments)
    {
        // A package folder of its own, so that the package for tests does not stay; all others come from the user's.
        string global = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        ImmutableSortedDictionary<string, string?> environment = ImmutableSortedDictionary<string, string?>.Empty
            .Add("DOTNET_NOLOGO", "1").Add("DOTNET_CLI_TELEMETRY_OPTOUT", "1").Add("MSBUILDDISABLENODEREUSE", "1");
        if (workingDirectory == Sample)
        {
            environment = environment.Add("NUGET_PACKAGES", Path.Combine(folder, "nuget")).Add("NUGET_FALLBACK_PACKAGES", global);
        }

        ProcessResult result = ProcessRunner.Run(
            new ProcessRequest("dotnet", [.. arguments]) { WorkingDirectory = workingDirectory, Environment = environment, Timeout = TimeSpan.FromMinutes(15) },
            cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"dotnet {string.Join(' ', arguments.ToArray())}\n{result.Output}{result.Error}");
        return result.Output;
    }
}
