using System.Diagnostics;
using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

/// <summary>
/// The command as it leaves the repository: published, and packed as a dotnet tool and installed. Each must load libtorch on its
/// own. Slow: half a gigabyte of native libraries is packed and unpacked.
/// </summary>
[Trait("Speed", "slow")]
public sealed class ShippedToolTests : IDisposable
{
    /// <summary>One platform's native libraries take 150 MB; those of all platforms would be three times as many.</summary>
    private const long LargestPackage = 200_000_000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_published_command_loads_libtorch()
    {
        Dotnet("publish", Project, "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-o", folder["published"], "-v", "quiet", "-nologo");
        LoadsEveryLibrary(folder["published/edgesparse"]);
    }

    [Fact]
    public void The_packed_tool_installs_and_loads_libtorch()
    {
        Dotnet("pack", Project, "-c", "Release", "-o", folder["packages"], "-v", "quiet", "-nologo");
        FileInfo[] packages = new DirectoryInfo(folder["packages"]).GetFiles("*.nupkg");
        Assert.Equal(2, packages.Length);
        Assert.All(packages, p => Assert.InRange(p.Length, 1, LargestPackage));

        // This source and no other: the tool must come from here, and no network is needed.
        string config = folder.Write("nuget.config", $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="here" value="{folder["packages"]}" />
              </packageSources>
            </configuration>
            """);
        Dotnet("tool", "install", "EdgeSparse.Tool", "--tool-path", folder["tools"], "--configfile", config);
        LoadsEveryLibrary(folder["tools/edgesparse"]);
    }

    private static string Project => Path.Combine(RepositoryRoot(), "Compiler", "EdgeSparse.Cli", "EdgeSparse.Cli.csproj");

    private static void LoadsEveryLibrary(string command)
    {
        (int exitCode, string output, string error) = Call(command, "doctor", "--json");
        Assert.True(exitCode == 0, output + error);
        Assert.All(JsonNode.Parse(output)!["libraries"]!.AsArray(), l => Assert.True((bool)l!["present"]!, (string)l["detail"]!));
    }

    private static void Dotnet(params string[] arguments)
    {
        (int exitCode, string output, string error) = Call("dotnet", arguments);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}{error}");
    }

    private static (int ExitCode, string Output, string Error) Call(string command, params string[] arguments)
    {
        ProcessStartInfo start = new(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? place = new(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (File.Exists(Path.Combine(place.FullName, "EdgeSparse.sln")))
            {
                return place.FullName;
            }
        }

        throw new InvalidOperationException($"no EdgeSparse.sln above {AppContext.BaseDirectory}");
    }
}
