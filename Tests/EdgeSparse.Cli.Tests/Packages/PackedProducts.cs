using System.Diagnostics;
using System.IO.Compression;

[assembly: AssemblyFixture(typeof(EdgeSparse.Cli.Tests.Packages.PackedProducts))]

namespace EdgeSparse.Cli.Tests.Packages;

/// <summary>What <c>dotnet pack</c> gives, made when first asked for: half a gigabyte of native libraries is packed.</summary>
public sealed class PackedProducts : IDisposable
{
    /// <summary>Many times what any command takes on two idle cores.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    private readonly TemporaryFolder folder = new();
    private readonly Lazy<string> packages;
    private readonly Lazy<string> tool;
    private readonly Lazy<ToolProject> project;

    public PackedProducts()
    {
        packages = new(Pack);
        tool = new(Install);
        project = new(() => new ToolProject(InstalledTool));
    }

    /// <summary>The folder with the packages.</summary>
    public string Packages => packages.Value;

    /// <summary>The command of the tool's package, installed from there.</summary>
    public string InstalledTool => tool.Value;

    /// <summary>What the installed tool has published, for all tests that need that; skips the calling test where it cannot.</summary>
    public ToolProject Project => project.Value;

    /// <summary>The clone that the tests were built in.</summary>
    internal static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>A package's files, their content and their names with forward slashes.</summary>
    /// <param name="name">With version and ending.</param>
    public Dictionary<string, Func<byte[]>> Files(string name)
    {
        string path = Path.Combine(Packages, name);
        Assert.True(File.Exists(path), $"no {name}; there are: {string.Join(' ', Directory.GetFiles(Packages).Select(Path.GetFileName))}");
        using ZipArchive archive = ZipFile.OpenRead(path);
        return archive.Entries.ToDictionary(e => Uri.UnescapeDataString(e.FullName), e => (Func<byte[]>)(() => Read(path, e.FullName)));
    }

    public void Dispose()
    {
        if (project.IsValueCreated)
        {
            project.Value.Dispose();
        }

        folder.Dispose();
    }

    internal static void Dotnet(params string[] arguments)
    {
        ToolResult result = Call("dotnet", arguments);
        Assert.True(result.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{result.Output}{result.Error}");
    }

    internal static ToolResult Call(string command, params string[] arguments) => CallIn(null, null, command, arguments);

    /// <param name="workingFolder">Null for the current one.</param>
    /// <param name="cache">The user's cache folder; null for the user's own.</param>
    /// <param name="command">A program.</param>
    /// <param name="arguments">Of the program.</param>
    internal static ToolResult CallIn(string? workingFolder, string? cache, string command, params string[] arguments)
    {
        ProcessStartInfo start = new(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder ?? "",
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        if (cache is not null)
        {
            start.Environment["XDG_CACHE_HOME"] = cache;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{command} {string.Join(' ', arguments)} did not end within {Limit}");
        }

        return new ToolResult(process.ExitCode, output.Result, error.Result);
    }

    private static byte[] Read(string path, string entry)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        using Stream stream = archive.GetEntry(entry)!.Open();
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string FindRepositoryRoot()
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

    /// <summary>The three products one by one, as packing the solution would build the tests again.</summary>
    private string Pack()
    {
        foreach (string project in (string[])["Runtime/EdgeSparse.Runtime", "Runtime/EdgeSparse.Energy", "Compiler/EdgeSparse.Cli"])
        {
            Dotnet("pack", Path.Combine(RepositoryRoot, project), "-c", "Release", "-o", folder["packages"], "-v", "quiet", "-nologo");
        }

        return folder["packages"];
    }

    private string Install()
    {
        // This source and no other: the tool must come from here. By another name than NuGet looks for, as what the tool publishes later is
        // built below this folder, and needs packages that are not here.
        string config = folder.Write("install.config", $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="here" value="{Packages}" />
              </packageSources>
            </configuration>
            """);
        Dotnet("tool", "install", "EdgeSparse.Tool", "--tool-path", folder["tools"], "--configfile", config);
        return folder["tools/edgesparse"];
    }
}
