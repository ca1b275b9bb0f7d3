using System.CommandLine;

namespace EdgeSparse.Cli;

/// <summary>Options that every verb has.</summary>
internal static class GlobalOptions
{
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "write the result to standard output as one JSON object",
        Recursive = true,
    };

    public static Option<string?> Toolchain { get; } = new("--toolchain")
    {
        Description = "targets of your own, over those of toolchain.json",
        HelpName = "FILE",
        Recursive = true,
    };

    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "on an error, show where in the program it arose",
        Recursive = true,
    };
}
