using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>
/// Gets data sets from their official places into <see cref="DataLocations.DownloadFolder"/>: a download that breaks goes on
/// where it ended, a file takes its name only when its SHA-256 is right, and what is already there and right is left alone.
/// </summary>
public sealed class DatasetDownloader : IDisposable
{
    private readonly DataLocations locations;
    private readonly HttpClient client;
    private readonly ResumingDownload download;

    public DatasetDownloader(DataLocations locations)
        : this(locations, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60))
    {
    }

    /// <param name="locations">Where to put the sets.</param>
    /// <param name="pause">Between attempts.</param>
    /// <param name="stall">Without a byte for so long, a connection counts as broken.</param>
    internal DatasetDownloader(DataLocations locations, TimeSpan pause, TimeSpan stall)
    {
        this.locations = locations;
        client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("EdgeSparse/0.1");
        download = new ResumingDownload(client, pause, stall);
    }

    /// <summary>Gets a set whole.</summary>
    /// <param name="name">One of <see cref="DatasetCatalog.Entries"/>.</param>
    /// <returns>The set's folder, or null when the set needs no files.</returns>
    /// <exception cref="DataException">The name is unknown, the network or the disk fails, or what came has a wrong SHA-256.</exception>
    /// <exception cref="Runtime.EdgeSparseException">A file cannot be written.</exception>
    public Task<string?> GetAsync(string name, IProgressSink progress, CancellationToken cancel) =>
        GetAsync(DatasetCatalog.EntryOf(name), progress, cancel);

    internal async Task<string?> GetAsync(DatasetEntry entry, IProgressSink progress, CancellationToken cancel)
    {
        if (entry.Sources.IsEmpty)
        {
            progress.Note($"{entry.Name}: nothing to download");
            return null;
        }

        string folder = Path.Combine(locations.DownloadFolder, entry.Name);
        CreateFolder(folder);
        foreach (DatasetSource source in entry.Sources)
        {
            if (source.Files.All(file => IsRight(folder, file)))
            {
                progress.Note($"{source.FileName}: already there");
                continue;
            }

            await GetAsync(source, folder, progress, cancel);
        }

        return folder;
    }

    public void Dispose() => client.Dispose();

    private async Task GetAsync(DatasetSource source, string folder, IProgressSink progress, CancellationToken cancel)
    {
        string target = Path.Combine(folder, source.FileName);
        string part = target + ".part";
        bool resumed = File.Exists(part);
        await download.FetchAsync(new Uri(source.Url), part, progress, cancel);
        if (Fault(source, part) is { } fault)
        {
            File.Delete(part);
            if (!resumed)
            {
                throw new DataException($"{source.Url}: what came is not the official file and was deleted: {fault}");
            }

            // The beginning came from an earlier run, perhaps of another version of the file: once more from the start.
            progress.Note($"{source.FileName}: the resumed download has a wrong SHA-256; getting it again");
            await GetAsync(source, folder, progress, cancel);
            return;
        }

        if (source.ArchiveSha256 is null)
        {
            // A damaged file that had been unpacked by hand would hide the new one.
            File.Delete(Path.Combine(folder, source.Files[0].Path));
            File.Move(part, target, overwrite: true);
            return;
        }

        ArchiveExtraction.Extract(part, source.Files, folder);
        File.Delete(part);
    }

    private static string? Fault(DatasetSource source, string part)
    {
        if (source.ArchiveSha256 is null)
        {
            return ContentDigest.Fault(part, source.Files[0]);
        }

        string digest = ContentDigest.OfFile(part);
        return digest == source.ArchiveSha256 ? null : $"its SHA-256 is {digest}, not {source.ArchiveSha256}";
    }

    private static bool IsRight(string folder, DatasetFile file)
    {
        string plain = Path.Combine(folder, file.Path);
        string path = File.Exists(plain) ? plain : plain + ".gz";
        return File.Exists(path) && ContentDigest.Fault(path, file) is null;
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"cannot make the folder '{folder}': {error.Message}", error);
        }
    }
}
