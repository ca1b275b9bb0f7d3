using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace EdgeSparse.Cli.Verbs;

/// <summary>The option <c>--threads</c>.</summary>
internal static class ThreadsOption
{
    private const int Most = 256;

    /// <summary>Several numbers: <c>--threads 1,2</c>.</summary>
    public static Option<ImmutableArray<int>> Several(string description) => new("--threads")
    {
        Description = description,
        HelpName = "N,N…",
        CustomParser = ParseSeveral,
        DefaultValueFactory = _ => [1],
    };

    /// <summary>One number.</summary>
    public static Option<int> One(string description) => new("--threads")
    {
        Description = description,
        HelpName = "N",
        CustomParser = ParseOne,
        DefaultValueFactory = _ => 1,
    };

    private static int ParseOne(ArgumentResult result)
    {
        string word = result.Tokens.Single().Value;
        if (Number(word) is { } number)
        {
            return number;
        }

        result.AddError($"--threads must be a whole number from 1 to {Most}, not '{word}'");
        return 0;
    }

    private static ImmutableArray<int> ParseSeveral(ArgumentResult result)
    {
        string words = result.Tokens.Single().Value;
        List<int> numbers = [];
        foreach (string word in words.Split(','))
        {
            if (Number(word) is not { } number)
            {
                result.AddError($"--threads must be whole numbers from 1 to {Most} with commas between them, such as 1,2, not '{words}'");
                return [];
            }

            if (numbers.Contains(number))
            {
                result.AddError($"--threads has {number} twice");
                return [];
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static int? Number(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= Most ? number : null;
}
