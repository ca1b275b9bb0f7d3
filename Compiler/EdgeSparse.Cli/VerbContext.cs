using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Targets.Profiles;
using Spectre.Console;

namespace EdgeSparse.Cli;

/// <summary>What a verb has to work with besides its own options.</summary>
/// <param name="Arguments">The parsed command line.</param>
/// <param name="Progress">Standard error.</param>
/// <param name="Output">Standard output, for tables.</param>
/// <param name="Json">Whether one JSON object is asked for in place of tables.</param>
/// <param name="Cancellation">Set by Ctrl-C and SIGTERM.</param>
internal sealed record VerbContext(
    ParseResult Arguments, IProgressSink Progress, IAnsiConsole Output, bool Json, CancellationToken Cancellation)
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly List<Action> reports = [];

    /// <summary>The devices that can be packed and built for: those shipped, with the user's own over them.</summary>
    /// <exception cref="Targets.TargetsException">A file cannot be read or is wrong.</exception>
    public Toolchain Toolchain => Arguments.GetValue(GlobalOptions.Toolchain) is { } own
        ? ToolchainCheck.Checked(ToolchainFile.ReadOver(own), own)
        : ToolchainCheck.Checked(ToolchainFile.Read(), ToolchainFile.DefaultPath);

    public T Required<T>(Argument<T> argument) => Arguments.GetRequiredValue(argument);

    public T Required<T>(Option<T> option) => Arguments.GetRequiredValue(option);

    public T? Value<T>(Argument<T> argument) => Arguments.GetValue(argument);

    public T? Value<T>(Option<T> option) => Arguments.GetValue(option);

    /// <summary>
    /// Gives a result, to be written as one JSON object, or by <paramref name="show"/> for people, as soon as the progress
    /// display is off the screen.
    /// </summary>
    public void Report<T>(T result, Action<IAnsiConsole, T> show) => reports.Add(() =>
    {
        if (Json)
        {
            Output.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(result, JsonOptions));
        }
        else
        {
            show(Output, result);
        }
    });

    /// <summary>Gives text that is the result in either form.</summary>
    public void ReportText(string text) => reports.Add(() => Output.Profile.Out.Writer.Write(text));

    /// <summary>Gives an error to be told after what was reported: for work that failed halfway and has something to show.</summary>
    public void ReportError(string message) => reports.Add(() => CommandHost.WriteError(message));

    /// <summary>Writes what was reported.</summary>
    public void WriteReports() => reports.ForEach(write => write());
}
