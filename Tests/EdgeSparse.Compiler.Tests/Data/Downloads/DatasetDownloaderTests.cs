using System.Collections.Immutable;
using System.Formats.Tar;
using System.Security.Cryptography;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Downloads;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Data.Downloads;

public sealed class DatasetDownloaderTests : IDisposable
{
    private readonly DataFolder folder = new();
    private readonly LoopbackServer server = new();
    private readonly byte[] content = new byte[300_000];
    private readonly byte[] packed;
    private readonly DatasetDownloader downloader;

    public DatasetDownloaderTests()
    {
        new Random(1).NextBytes(content);
        packed = DataFolder.Gzip(content);
        server.Files["images.gz"] = packed;
        downloader = new DatasetDownloader(folder.Locations, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(20));
    }

    private string Target => Path.Combine(folder.Root, "set", "images.gz");

    private string Part => Target + ".part";

    public void Dispose()
    {
        downloader.Dispose();
        server.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_file_is_taken_whole_and_left_alone_the_next_time()
    {
        Assert.Equal(Path.Combine(folder.Root, "set"), await Get());
        Assert.Equal(packed, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Part));
        await Get();
        Assert.Equal(["/images.gz"], server.Requests);
    }

    [Fact]
    public async Task A_cut_connection_goes_on_where_it_ended()
    {
        server.Cuts.Enqueue(100_000);
        server.Cuts.Enqueue(50_000);
        await Get();
        Assert.Equal(packed, File.ReadAllBytes(Target));
        Assert.Equal(["/images.gz", "/images.gz from 100000", "/images.gz from 150000"], server.Requests);
    }

    [Fact]
    public async Task A_part_of_an_earlier_run_is_gone_on_with()
    {
        folder.Write("set/images.gz.part", packed.AsSpan(0, 1234));
        await Get();
        Assert.Equal(packed, File.ReadAllBytes(Target));
        Assert.Equal(["/images.gz from 1234"], server.Requests);
    }

    [Fact]
    public async Task A_part_that_is_already_whole_needs_no_byte_more()
    {
        folder.Write("set/images.gz.part", packed);
        await Get();
        Assert.Equal(packed, File.ReadAllBytes(Target));
        Assert.Equal([$"/images.gz from {packed.Length}"], server.Requests);
    }

    [Fact]
    public async Task A_server_without_ranges_is_asked_for_the_whole()
    {
        server.KnowsRanges = false;
        folder.Write("set/images.gz.part", new byte[1234]);
        await Get();
        Assert.Equal(packed, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_part_of_another_file_is_thrown_away_once()
    {
        folder.Write("set/images.gz.part", new byte[1234]);
        await Get();
        Assert.Equal(packed, File.ReadAllBytes(Target));
        Assert.Equal(["/images.gz from 1234", "/images.gz"], server.Requests);
    }

    [Fact]
    public async Task A_wrong_checksum_leaves_nothing_behind()
    {
        server.Files["images.gz"] = DataFolder.Gzip([.. content[..^1], (byte)~content[^1]]);
        string message = (await Assert.ThrowsAsync<DataException>(Get)).Message;
        Assert.StartsWith($"{server.Url("images.gz")}: what came is not the official file and was deleted: ", message);
        Assert.Contains($"not {Sha256(content)}", message);
        Assert.Empty(Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_damaged_file_is_got_again_and_replaced_whole()
    {
        folder.Write("set/images.gz", packed.AsSpan(0, 1000));
        folder.Write("set/images", content.AsSpan(0, 1000));
        await Get();
        Assert.Equal(packed, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Path.Combine(folder.Root, "set", "images")));
    }

    [Fact]
    public async Task A_server_in_trouble_is_tried_three_times()
    {
        server.Errors.Enqueue(503);
        server.Errors.Enqueue(500);
        await Get();
        Assert.Equal(packed, File.ReadAllBytes(Target));

        File.Delete(Target);
        for (int i = 0; i < 3; i++)
        {
            server.Errors.Enqueue(503);
        }

        Assert.Equal($"{server.Url("images.gz")}: the server answers 503; try again later", (await Assert.ThrowsAsync<DataException>(Get)).Message);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told_at_once()
    {
        server.Files.Clear();
        Assert.Equal($"{server.Url("images.gz")}: the server answers 404 (NotFound)", (await Assert.ThrowsAsync<DataException>(Get)).Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task No_network_is_one_clear_line()
    {
        string url;
        using (LoopbackServer gone = new())
        {
            url = gone.Url("images.gz");
        }

        DatasetEntry entry = Entry with { Sources = [Entry.Sources[0] with { Url = url }] };
        string message = (await Assert.ThrowsAsync<DataException>(() => Get(entry))).Message;
        Assert.StartsWith($"{url}: cannot be reached: ", message);
        Assert.EndsWith("check the network and try again", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        server.Stalls = true;
        using DatasetDownloader impatient = new(folder.Locations, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100));
        string message = (await Assert.ThrowsAsync<DataException>(
            () => impatient.GetAsync(Entry, IProgressSink.Silent, TestContext.Current.CancellationToken))).Message;
        Assert.Contains("the server sends nothing", message);
    }

    [Fact]
    public async Task Stopping_keeps_what_has_come()
    {
        server.Cuts.Enqueue(100_000);
        using CancellationTokenSource stop = new();
        StopAfterFirstAttempt progress = new(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => downloader.GetAsync(Entry, progress, stop.Token));
        Assert.Equal(packed[..100_000], File.ReadAllBytes(Part));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_full_disk_is_one_clear_line()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full");
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        File.CreateSymbolicLink(Part, "/dev/full");
        string message = (await Assert.ThrowsAsync<DataException>(Get)).Message;
        Assert.StartsWith($"cannot write '{Part}': ", message);
        Assert.EndsWith("make room, and the download goes on from here", message);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_one_clear_line()
    {
        folder.Write("set", [1]);
        Assert.StartsWith($"cannot make the folder '{Path.Combine(folder.Root, "set")}': ", (await Assert.ThrowsAsync<DataException>(Get)).Message);
    }

    [Fact]
    public async Task Of_an_archive_the_wanted_files_are_taken_and_nothing_else()
    {
        byte[] archive = Archive(("bin/readme.html", [1]), ("bin/a.bin", [1, 2, 3]), ("../outside.bin", [9]), ("bin/b.bin", [4, 5]));
        server.Files["set.tar.gz"] = archive;
        server.Cuts.Enqueue(40);
        await Get(ArchiveEntry(Sha256(archive)));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path.Combine(folder.Root, "set", "bin", "a.bin")));
        Assert.Equal(2, Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories).Count());
        await Get(ArchiveEntry(Sha256(archive)));
        Assert.Equal(["/set.tar.gz", "/set.tar.gz from 40"], server.Requests);
    }

    [Fact]
    public async Task An_archive_with_a_wrong_checksum_or_a_file_too_few_is_refused()
    {
        byte[] archive = Archive(("bin/a.bin", [1, 2, 3]));
        server.Files["set.tar.gz"] = archive;
        Assert.Contains($"its SHA-256 is {Sha256(archive)}, not 1234", (await Assert.ThrowsAsync<DataException>(() => Get(ArchiveEntry("1234")))).Message);
        Assert.Contains("the archive lacks bin/b.bin", (await Assert.ThrowsAsync<DataException>(() => Get(ArchiveEntry(Sha256(archive))))).Message);
    }

    [Fact]
    public async Task A_set_that_is_made_on_the_spot_needs_no_download() =>
        Assert.Null(await downloader.GetAsync("synthetic-digits", IProgressSink.Silent, TestContext.Current.CancellationToken));

    [Fact]
    public async Task An_unknown_name_gets_the_near_one() =>
        Assert.Contains(
            "no data set 'cifar10'; did you mean 'cifar-10'?",
            (await Assert.ThrowsAnyAsync<EdgeSparseException>(
                () => downloader.GetAsync("cifar10", IProgressSink.Silent, TestContext.Current.CancellationToken))).Message);

    private DatasetEntry Entry => new("set", "", [], [new(server.Url("images.gz"), [new("images", content.Length, Sha256(content))])]);

    private DatasetEntry ArchiveEntry(string sha256) => new(
        "set",
        "",
        [],
        [new(server.Url("set.tar.gz"), [new("bin/a.bin", 3, Sha256([1, 2, 3])), new("bin/b.bin", 2, Sha256([4, 5]))], sha256)]);

    private Task<string?> Get() => Get(Entry);

    private Task<string?> Get(DatasetEntry entry) => downloader.GetAsync(entry, IProgressSink.Silent, TestContext.Current.CancellationToken);

    private static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Archive(params ImmutableArray<(string Name, byte[] Content)> files)
    {
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in files)
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
            }
        }

        return DataFolder.Gzip(tar.ToArray());
    }

    /// <summary>Cancels when the first attempt's progress ends, so before the second.</summary>
    private sealed class StopAfterFirstAttempt(CancellationTokenSource stop) : IProgressSink, IProgressTask
    {
        public IProgressTask Begin(string title, long total, string unit) => this;

        public void Note(string message)
        {
        }

        public void Advance(long amount = 1)
        {
        }

        public void Describe(string detail)
        {
        }

        public void Dispose() => stop.Cancel();
    }
}
