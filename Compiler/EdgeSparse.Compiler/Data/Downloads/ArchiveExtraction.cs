using System.Collections.Immutable;
using System.Formats.Tar;
using System.IO.Compression;
using EdgeSparse.Compiler.Files;

namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>Takes the wanted files out of a .tar.gz, and nothing else of it.</summary>
internal static class ArchiveExtraction
{
    /// <exception cref="DataException">The archive is damaged or lacks a wanted file.</exception>
    /// <exception cref="Runtime.EdgeSparseException">A file cannot be written.</exception>
    public static void Extract(string archive, ImmutableArray<DatasetFile> wanted, string folder)
    {
        Dictionary<string, DatasetFile> missing = wanted.ToDictionary(file => file.Path, StringComparer.Ordinal);
        try
        {
            using FileStream file = File.OpenRead(archive);
            using GZipStream gzip = new(file, CompressionMode.Decompress);
            using TarReader tar = new(gzip);
            while (missing.Count > 0 && tar.GetNextEntry() is { } entry)
            {
                // The path that is written is ours: nothing that an archive says leads out of the folder.
                if (missing.Remove(entry.Name, out DatasetFile? known) && entry.DataStream is { } content)
                {
                    string target = Path.Combine(folder, known.Path);
                    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    AtomicFile.Write(target, content.CopyTo);
                }
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new DataException($"{archive}: the archive is damaged: {error.Message}", error);
        }

        if (missing.Count > 0)
        {
            throw new DataException($"{archive}: the archive lacks {string.Join(", ", missing.Keys)}");
        }
    }
}
