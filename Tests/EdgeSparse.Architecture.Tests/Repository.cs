namespace EdgeSparse.Architecture.Tests;

/// <summary>The clone that these tests were built in.</summary>
internal static class Repository
{
    private static readonly string[] NotSources = ["artifacts", ".git", ".vs", ".vscode", ".idea"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file that is or may be committed, relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. FilesUnder(new DirectoryInfo(Root)).Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string TextOf(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Stands for a user's own program, outside the solution.</summary>
    public const string OutsideProject = "Samples/CustomFirmware/CustomFirmware.csproj";

    public static IReadOnlyList<ProjectFile> Projects { get; } =
        [.. Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && f != OutsideProject).Select(ProjectFile.Read)];

    public static ProjectFile Project(string name) =>
        Projects.SingleOrDefault(p => p.Name == name) ?? throw new InvalidOperationException($"there is no project {name}");

    private static IEnumerable<string> FilesUnder(DirectoryInfo folder) =>
        folder.EnumerateFiles().Where(f => f.LinkTarget is null && f.Name != ".git").Select(f => f.FullName)
            .Concat(folder.EnumerateDirectories().Where(d => d.LinkTarget is null && !NotSources.Contains(d.Name)).SelectMany(FilesUnder));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeSparse.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"EdgeSparse.sln is in no folder above {AppContext.BaseDirectory}");
    }
}
