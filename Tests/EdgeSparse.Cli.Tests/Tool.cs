using System.Diagnostics;
using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

/// <summary>What one call of the command left behind.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as the one JSON object it must be.</summary>
    public JsonNode Json => JsonNode.Parse(Output)!;

    /// <summary>Standard error, which must be this one line.</summary>
    public void FailsWith(int exitCode, string line)
    {
        Assert.Equal(line + "\n", Error);
        Assert.Equal("", Output);
        Assert.Equal(exitCode, ExitCode);
    }

    public ToolResult Succeeds()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Error}");
        return this;
    }
}

/// <summary>Runs the built command as a process of its own, as a user does.</summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static ToolResult Run(params string[] arguments) => RunIn(null, arguments);

    /// <param name="environment">Variables to set, or to remove where the value is null.</param>
    /// <param name="arguments">The command line.</param>
    public static ToolResult RunIn(IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        using Process process = Start(environment, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"edgesparse {string.Join(' ', arguments)} did not end within {Limit}");
        }

        return new ToolResult(process.ExitCode, output.Result, error.Result);
    }

    public static Process Start(IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "edgesparse.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
