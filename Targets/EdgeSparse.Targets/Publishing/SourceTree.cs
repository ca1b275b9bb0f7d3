using System.Security.Cryptography;
using System.Text;

namespace EdgeSparse.Targets.Publishing;

/// <summary>What publishing compiles the firmware from: a clone of EdgeSparse, or the sources that come with the installed command.</summary>
/// <param name="Root">The folder that has the projects, laid out as in a clone.</param>
/// <param name="Artifacts">Takes what builds leave; <paramref name="Root"/> itself may be read-only.</param>
public sealed record SourceTree(string Root, string Artifacts)
{
    /// <summary>Beside the published or installed program.</summary>
    private const string ShippedFolder = "sources";

    /// <summary>A clone, which has its builds in itself.</summary>
    public SourceTree(string root)
        : this(root, Path.Combine(root, "artifacts"))
    {
    }

    public string FirmwareProject => Path.Combine(Root, "Targets", "EdgeSparse.Firmware", "EdgeSparse.Firmware.csproj");

    /// <summary>Finds the sources that were shipped with the program, or the clone that it was built in.</summary>
    /// <exception cref="TargetsException">There are neither, or no folder to build the shipped ones in.</exception>
    public static SourceTree Find() =>
        Shipped(AppContext.BaseDirectory) ?? Above(AppContext.BaseDirectory)
        ?? throw new TargetsException(
            $"publishing compiles the firmware from source, and there is no '{Path.Combine(AppContext.BaseDirectory, ShippedFolder)}'; install EdgeSparse.Tool again");

    /// <summary>The clone that the folder lies in, or null.</summary>
    public static SourceTree? Above(string folder)
    {
        for (DirectoryInfo? place = new(folder); place is not null; place = place.Parent)
        {
            SourceTree tree = new(place.FullName);
            if (File.Exists(tree.FirmwareProject))
            {
                return tree;
            }
        }

        return null;
    }

    /// <summary>The sources beside a program, to be built in the user's cache folder; null where there are none.</summary>
    /// <param name="programFolder">Of the program.</param>
    /// <exception cref="TargetsException">They cannot be read, or there is no cache folder.</exception>
    internal static SourceTree? Shipped(string programFolder)
    {
        string root = Path.Combine(programFolder, ShippedFolder);
        return Directory.Exists(root) ? new SourceTree(root, Path.Combine(CacheFolder(), "edgesparse", "firmware", Digest(root))) : null;
    }

    /// <summary>$XDG_CACHE_HOME, else ~/.cache.</summary>
    private static string CacheFolder()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } cache && Path.IsPathRooted(cache))
        {
            return cache;
        }

        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0
            ? Path.Combine(home, ".cache")
            : throw new TargetsException("there is no home folder to build the firmware in; set XDG_CACHE_HOME to a writable folder");
    }

    /// <summary>
    /// Of the sources and their place. An update has files older than an earlier version's build, so builds by time alone would take
    /// that for up to date.
    /// </summary>
    private static string Digest(string root)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFullPath(root)));
        try
        {
            foreach (string file in Directory.GetFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                byte[] bytes = File.ReadAllBytes(file);
                hash.AppendData(Encoding.UTF8.GetBytes($"\n{Path.GetRelativePath(root, file)} {bytes.Length}\n"));
                hash.AppendData(bytes);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot read the firmware's sources in '{root}': {error.Message}", error);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
