using System.CommandLine;
using EdgeSparse.Compiler.Data;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>--data-dir DIR</c>.</summary>
internal static class DataDirOption
{
    public static Option<string?> Create() => new("--data-dir")
    {
        Description = $"folder to look for data sets in first; then ${DataLocations.Variable}, then the user's cache",
        HelpName = "DIR",
    };

    public static DataLocations Locations(VerbContext context, Option<string?> option) => new(context.Value(option));
}
