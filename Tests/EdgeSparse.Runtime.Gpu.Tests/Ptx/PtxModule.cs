using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeSparse.Runtime.Gpu.Tests.Ptx;

/// <summary>What a PTX module declares, read by the words of NVIDIA's "Parallel Thread Execution ISA", without a driver.</summary>
internal sealed partial class PtxModule
{
    public required string Version { get; init; }

    public required string Target { get; init; }

    public required string EntryPoint { get; init; }

    /// <summary>(alignment, bytes) of each parameter of the entry point.</summary>
    public required IReadOnlyList<(int Alignment, int Bytes)> Parameters { get; init; }

    public required int MostThreads { get; init; }

    /// <summary>Reads a module and refuses one that is not whole.</summary>
    public static PtxModule Read(string text)
    {
        string code = Comment().Replace(text, "");
        AssertBalanced(code);
        AssertLabels(code);
        AssertFunctions(code);
        Assert.Equal("64", Single(code, @"\.address_size\s+(\d+)"));
        Match entry = Assert.Single(Entry().Matches(code));
        return new PtxModule
        {
            Version = Single(code, @"^\.version\s+(\d+\.\d+)\s*$"),
            Target = Single(code, @"^\.target\s+(\w+)\s*$"),
            EntryPoint = entry.Groups[1].Value,
            Parameters =
            [
                .. Parameter().Matches(entry.Groups[2].Value).Select(m => (Number(m.Groups[1].Value), Number(m.Groups[2].Value))),
            ],
            MostThreads = Number(Single(code, @"\.maxntid\s+(\d+)")),
        };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Single(string code, string pattern) =>
        Assert.Single(Regex.Matches(code, pattern, RegexOptions.Multiline)).Groups[1].Value;

    private static void AssertBalanced(string code)
    {
        Stack<char> open = [];
        foreach (char c in code)
        {
            if (c is '{' or '(' or '[')
            {
                open.Push(c);
            }
            else if (c is '}' or ')' or ']')
            {
                Assert.True(open.TryPop(out char opened) && (opened, c) is ('{', '}') or ('(', ')') or ('[', ']'), $"'{c}' closes nothing");
            }
        }

        Assert.Empty(open);
    }

    /// <summary>Every branch goes to a label of its own function.</summary>
    private static void AssertLabels(string code)
    {
        foreach (string body in Regex.Split(code, @"^\}", RegexOptions.Multiline))
        {
            HashSet<string> labels = [.. Regex.Matches(body, @"^\s*([\w$]+):", RegexOptions.Multiline).Select(m => m.Groups[1].Value)];
            Assert.All(Regex.Matches(body, @"\bbra(?:\.uni)?\s+([\w$]+)\s*;"), m => Assert.Contains(m.Groups[1].Value, labels));
        }
    }

    /// <summary>Every function that is called is in the module.</summary>
    private static void AssertFunctions(string code)
    {
        HashSet<string> defined = [.. Regex.Matches(code, @"\.func\s+(?:\([^)]*\)\s*)?([\w$]+)").Select(m => m.Groups[1].Value)];
        Assert.All(
            Regex.Matches(code, @"\bcall(?:\.uni)?\s+(?:\([^)]*\)\s*,\s*)?([\w$]+)"), m => Assert.Contains(m.Groups[1].Value, defined));
    }

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\.visible\s+\.entry\s+([\w$]+)\s*\(([^)]*)\)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param\s+\.align\s+(\d+)\s+\.b8\s+[\w$]+\[(\d+)\]")]
    private static partial Regex Parameter();
}
