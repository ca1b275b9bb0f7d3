using System.Formats.Tar;
using System.IO.Compression;

namespace EdgeSparse.Targets.Publishing.Packages;

/// <summary>A file of an archive; its folders need no entries of their own.</summary>
/// <param name="Path">With / between folders, none in front.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Executable">Whether its mode is 755 in place of 644.</param>
internal sealed record ArchivedFile(string Path, byte[] Content, bool Executable = false);

/// <summary>Archives of tar (POSIX 1988), compressed with gzip: equal files give equal bytes, whoever makes them and whenever.</summary>
internal static class TarArchive
{
    /// <summary>The latest time that the format's eleven octal digits hold.</summary>
    private const long LatestSecond = (1L << 33) - 1;

    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Runnable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <param name="files">In the order of the archive, which is the order that dpkg puts them in place in.</param>
    /// <param name="root">What stands before each path: <c>./</c> as in Debian's packages, or nothing.</param>
    /// <param name="seconds">Time of all files, since 1970.</param>
    public static byte[] Create(IEnumerable<ArchivedFile> files, string root, long seconds)
    {
        using MemoryStream archive = new();
        using (GZipStream compressed = new(archive, CompressionLevel.SmallestSize, leaveOpen: true))
        using (TarWriter writer = new(compressed, TarEntryFormat.Ustar))
        {
            HashSet<string> folders = [];
            if (root.Length > 0)
            {
                writer.WriteEntry(EntryOf(TarEntryType.Directory, root, Runnable, seconds));
            }

            foreach (ArchivedFile file in files)
            {
                for (int slash = file.Path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = file.Path.IndexOf('/', slash + 1))
                {
                    string folder = file.Path[..(slash + 1)];
                    if (folders.Add(folder))
                    {
                        writer.WriteEntry(EntryOf(TarEntryType.Directory, root + folder, Runnable, seconds));
                    }
                }

                UstarTarEntry entry = EntryOf(TarEntryType.RegularFile, root + file.Path, file.Executable ? Runnable : Readable, seconds);
                entry.DataStream = new MemoryStream(file.Content);
                writer.WriteEntry(entry);
            }
        }

        return archive.ToArray();
    }

    private static UstarTarEntry EntryOf(TarEntryType type, string path, UnixFileMode mode, long seconds) => new(type, path)
    {
        Mode = mode,
        Uid = 0,
        Gid = 0,
        UserName = "root",
        GroupName = "root",
        ModificationTime = DateTimeOffset.FromUnixTimeSeconds(seconds is >= 0 and <= LatestSecond ? seconds : 0),
    };
}
