using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Downloads;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Tests.Data.Downloads;

public sealed class DatasetCheckerTests : IDisposable
{
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("mnist", 4)]
    [InlineData("fashion-mnist", 4)]
    [InlineData("cifar-10", 6)]
    public void The_shared_set_is_right_file_by_file(string name, int files)
    {
        DataLocations locations = new();
        Assert.SkipWhen(locations.FromVariable is null, $"{DataLocations.Variable} is not set");
        IReadOnlyList<FileCheck> checks = DatasetChecker.Check(name, locations, IProgressSink.Silent);
        Assert.Equal(files, checks.Count);
        Assert.All(checks, check => Assert.Equal((FileState.Right, ""), (check.State, check.Detail)));
    }

    [Fact]
    public void Each_file_is_right_absent_or_damaged()
    {
        // Labels of the right length with other bytes, an image file cut short, one that is no gzip, one that is not there.
        folder.Write("mnist/train-labels-idx1-ubyte", new byte[60_008]);
        folder.Write("mnist/train-images-idx3-ubyte", new byte[100]);
        folder.Write("mnist/t10k-labels-idx1-ubyte.gz", [0x1F, 0x8B, 1, 2, 3]);
        IReadOnlyList<FileCheck> checks = DatasetChecker.Check("mnist", folder.Locations, IProgressSink.Silent);
        Assert.Equal([FileState.Damaged, FileState.Damaged, FileState.Absent, FileState.Damaged], checks.Select(check => check.State));
        Assert.Contains("truncated: its content needs 47040016 bytes and 100 are there", checks[0].Detail);
        Assert.Contains("not 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", checks[1].Detail);
        Assert.EndsWith("t10k-images-idx3-ubyte.gz: is missing", checks[2].Detail);
        Assert.Contains("gzip data are corrupt", checks[3].Detail);
    }

    [Fact]
    public void CIFAR_files_are_checked_in_the_layout_that_is_there()
    {
        folder.Write("cifar-10/data_batch_1.bin", new byte[30_730_000]);
        folder.Write("cifar-10/data_batch_2.bin", new byte[3]);
        IReadOnlyList<FileCheck> checks = DatasetChecker.Check("cifar-10", folder.Locations, IProgressSink.Silent);
        Assert.Equal(
            [FileState.Damaged, FileState.Damaged, FileState.Absent, FileState.Absent, FileState.Absent, FileState.Absent],
            checks.Select(check => check.State));
        Assert.Contains("damaged: the SHA-256 of its content is", checks[0].Detail);
        Assert.Contains("truncated", checks[1].Detail);
    }

    [Fact]
    public void Every_download_has_a_place_a_length_and_digests()
    {
        foreach (DatasetSource source in DatasetCatalog.Entries.SelectMany(entry => entry.Sources))
        {
            Assert.True(Uri.TryCreate(source.Url, UriKind.Absolute, out _));
            Assert.Matches("^[0-9a-f]{64}$", source.ArchiveSha256 ?? source.Files[0].Sha256);
            Assert.All(source.Files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
            Assert.All(source.Files, file => Assert.True(file.Bytes > 10_000));
        }
    }

    [Fact]
    public void An_absent_set_says_where_it_was_looked_for() =>
        Assert.Contains(
            "get it with: edgesparse data get fashion-mnist",
            Assert.Throws<DataException>(() => DatasetChecker.Check("fashion-mnist", folder.Locations, IProgressSink.Silent)).Message);
}
