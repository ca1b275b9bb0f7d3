using System.Text.RegularExpressions;

namespace EdgeSparse.Architecture.Tests;

/// <summary>What no committed file may contain. The patterns are split in two so that this file does not match itself.</summary>
public partial class SourceRulesTests
{
    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".json", ".md", ".sh", ".sln", ".proto", ".yml", ".txt", ".editorconfig", ""];

    private static IEnumerable<string> Sources => Repository.Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal));

    private static IEnumerable<string> Texts => Repository.Files.Where(f => TextExtensions.Contains(Path.GetExtension(f)));

    [Fact]
    public void No_source_file_is_longer_than_400_lines() =>
        Assert.DoesNotContain(Sources, f => File.ReadLines(Repository.PathOf(f)).Count() > 400);

    [Fact]
    public void No_source_file_is_named_after_nothing() =>
        Assert.DoesNotContain(Sources, f => VagueName().IsMatch(Path.GetFileNameWithoutExtension(f)));

    [Fact]
    public void No_unfinished_work_or_silenced_warning() => NoneMatch(Sources, Unfinished());

    [Fact]
    public void No_absolute_path_of_somebodys_machine() => NoneMatch(Texts, MachinePath());

    [Fact]
    public void No_package_feed_is_named()
    {
        NoneMatch(Texts, FeedAddress());
        Assert.DoesNotContain(Repository.Files, f => Path.GetFileName(f).Equals("nuget" + ".config", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The one rule of style that no build has: namespaces, those of System first, then static classes, then aliases, each by name.</summary>
    [Fact]
    public void Usings_are_in_order() =>
        Assert.DoesNotContain(Sources, f =>
        {
            string[] usings = [.. File.ReadLines(Repository.PathOf(f)).Where(l => Using().IsMatch(l))];
            return !usings.SequenceEqual(
                usings.OrderBy(KindOfUsing).ThenBy(l => KindOfUsing(l) == 0 && !SystemUsing().IsMatch(l)).ThenBy(l => l.TrimEnd(';'), NamesInOrder));
        });

    [Fact]
    public void No_binary_model_or_data_set_is_committed() =>
        Assert.DoesNotContain(Repository.Files, f => Weights().IsMatch(f) && !f.StartsWith("Tests/", StringComparison.Ordinal));

    private static IComparer<string> NamesInOrder { get; } = Comparer<string>.Create((left, right) =>
        left.Split('.').Zip(right.Split('.'), StringComparer.OrdinalIgnoreCase.Compare).FirstOrDefault(c => c != 0, left.Split('.').Length - right.Split('.').Length));

    private static int KindOfUsing(string line) => line.Contains('=', StringComparison.Ordinal) ? 2 : line.StartsWith("using static ", StringComparison.Ordinal) ? 1 : 0;

    private static void NoneMatch(IEnumerable<string> files, Regex pattern) =>
        Assert.Empty(files.SelectMany(f => File.ReadLines(Repository.PathOf(f)).Select((line, i) => (line, i))
            .Where(x => pattern.IsMatch(x.line)).Select(x => $"{f}:{x.i + 1}: {x.line.Trim()}")));

    [GeneratedRegex("(Util" + "s?|Helper" + "s?|Manager|Common)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"^using (static )?[\w.]+( = [^(]+)?;$")]
    private static partial Regex Using();

    [GeneratedRegex(@"^using System[.;]")]
    private static partial Regex SystemUsing();

    [GeneratedRegex("TO" + "DO|FIX" + "ME|NotImplemented" + "Exception|#pragma warning dis" + "able")]
    private static partial Regex Unfinished();

    [GeneratedRegex("""(^|[\s"'=(:])(/wo""" + """rk/|/tmp/w""" + """t/|/ro""" + """ot/|/ho""" + """me/\w|/Us""" + """ers/\w|[A-Z]:\\Us""" + """ers\\)""")]
    private static partial Regex MachinePath();

    [GeneratedRegex("https?://[^ \"]*/v3/ind" + "ex\\.json")]
    private static partial Regex FeedAddress();

    [GeneratedRegex(@"\.(onnx|esb|safetensors|pt|ckpt|gz|npy)$")]
    private static partial Regex Weights();
}
