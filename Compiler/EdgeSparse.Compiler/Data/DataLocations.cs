namespace EdgeSparse.Compiler.Data;

/// <summary>
/// Where data sets are looked for, in this order: the folder a user names, the variable <c>EDGESPARSE_DATA</c>, the user's
/// cache. Each may hold one folder a set, named as the set.
/// </summary>
/// <param name="DataDir">What <c>--data-dir</c> says, or null.</param>
public sealed record DataLocations(string? DataDir = null)
{
    public const string Variable = "EDGESPARSE_DATA";

    /// <summary>The value of <see cref="Variable"/>, or null.</summary>
    public string? FromVariable { get; init; } = NullIfEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary><c>$XDG_CACHE_HOME/edgesparse/data</c>, or <c>~/.cache/edgesparse/data</c>.</summary>
    public string Cache { get; init; } = Path.Combine(
        NullIfEmpty(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"))
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "edgesparse",
        "data");

    /// <summary>The folders to search, first one first.</summary>
    public IEnumerable<string> Folders
    {
        get
        {
            if (DataDir is not null)
            {
                yield return DataDir;
            }

            if (FromVariable is not null)
            {
                yield return FromVariable;
            }

            yield return Cache;
        }
    }

    /// <summary>Where a download goes: the named folder, else the cache. The variable's folder may well be read-only.</summary>
    public string DownloadFolder => DataDir ?? Cache;

    /// <summary>The first <c>FOLDER/name</c> for which <paramref name="holds"/> is true, or null.</summary>
    public string? Find(string name, Func<string, bool> holds) =>
        Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(path => Directory.Exists(path) && holds(path));

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
