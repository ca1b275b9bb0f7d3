using System.CommandLine;
using System.CommandLine.Parsing;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Cli;

/// <summary>One line for a command line that cannot be understood.</summary>
internal static class UsageError
{
    /// <summary>What is wrong with the command line, or null.</summary>
    public static string? Of(ParseResult parsed)
    {
        // The parser takes an unknown option for the value of an argument where one is due; no value of ours begins so.
        string? option = parsed.Tokens.FirstOrDefault(t => t.Type == TokenType.Argument && t.Value.StartsWith("--", StringComparison.Ordinal))?.Value;
        return option is not null ? UnknownOption(parsed.CommandResult.Command, CallOf(parsed), option)
            : parsed.Errors.Count > 0 ? Describe(parsed)
            : null;
    }

    private static string Describe(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string called = CallOf(parsed);
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string word = parsed.UnmatchedTokens[0];
            return word.StartsWith('-') ? UnknownOption(command, called, word)
                : command.Subcommands.Count > 0 ? $"there is no verb '{word}'{NearMatch.Advice(word, [.. command.Subcommands.Select(c => c.Name)])}"
                : $"{called} does not know what to do with '{word}' (see {called} --help)";
        }

        return $"{Words(parsed.Errors[0].Message)} (see {called} --help)";
    }

    /// <summary>The parser's message, its .NET types in words.</summary>
    private static string Words(string message)
    {
        int type = message.IndexOf(" as expected type '", StringComparison.Ordinal);
        if (type < 0)
        {
            return message.TrimEnd('.');
        }

        string expected = message.Contains("Int", StringComparison.Ordinal) ? "a whole number" : "a number";
        return $"{message[..type]}: it must be {expected}";
    }

    private static string UnknownOption(Command command, string called, string word)
    {
        string[] allowed = [.. command.Options.Concat([GlobalOptions.Json, GlobalOptions.Verbose, GlobalOptions.Toolchain]).SelectMany(o => o.Aliases.Prepend(o.Name)).Distinct()];
        string name = word.Split('=')[0];
        return $"{called} has no option '{name}'{(NearMatch.Of(name, allowed) is { } near ? $"; did you mean '{near}'?" : "")} (see {called} --help)";
    }

    private static string CallOf(ParseResult parsed)
    {
        List<string> names = [];
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
        {
            names.Insert(0, result.Command is RootCommand ? "edgesparse" : result.Command.Name);
        }

        return string.Join(' ', names);
    }
}
