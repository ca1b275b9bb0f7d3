using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Runtime.Tests.Inputs;

public sealed class IdxFileTests : IDisposable
{
    // Two images of 2×3 pixels.
    private static readonly byte[] Images =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25];

    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Images_come_with_their_big_endian_shape()
    {
        IdxArray images = IdxFile.ReadImages(folder.Write("a.idx", Images));
        Assert.Equal([2, 2, 3], images.Shape);
        Assert.Equal([10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25], images.Data);
    }

    [Fact]
    public void Gzip_is_seen_by_content_not_by_name() =>
        Assert.Equal([7, 8, 9], IdxFile.ReadLabels(folder.WriteGzip("labels", Labels)).Data);

    [Fact]
    public void Every_cut_of_a_file_is_refused_with_its_name()
    {
        for (int length = 0; length < Images.Length; length++)
        {
            string path = folder.Write("cut.idx", Images.AsSpan(0, length));
            string message = Assert.Throws<InputFormatException>(() => IdxFile.Read(path)).Message;
            Assert.Contains("cut.idx: truncated", message);
        }
    }

    [Fact]
    public void Every_cut_of_a_gzip_file_is_refused()
    {
        byte[] packed = TemporaryFolder.Gzip(Images);
        for (int length = 2; length < packed.Length; length++)
        {
            string path = folder.Write("cut.gz", packed.AsSpan(0, length));
            Assert.Contains("cut", Assert.Throws<InputFormatException>(() => IdxFile.Read(path)).Message);
        }
    }

    [Fact]
    public void A_corrupt_gzip_file_is_refused()
    {
        byte[] packed = TemporaryFolder.Gzip(Images);
        packed[^6] ^= 0x55; // inside the CRC-32 of the trailer
        string path = folder.Write("bad.gz", packed);
        Assert.Contains("gzip data are corrupt", Assert.Throws<InputFormatException>(() => IdxFile.Read(path)).Message);
    }

    [Fact]
    public void A_file_longer_than_its_header_says_is_refused()
    {
        string path = folder.Write("long.idx", [.. Images, 0]);
        Assert.Contains("more bytes than its header states", Assert.Throws<InputFormatException>(() => IdxFile.Read(path)).Message);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 8, 1, 0, 0, 0, 1, 5 }, "no idx file")]
    [InlineData(new byte[] { 0, 0, 13, 1, 0, 0, 0, 1, 5 }, "idx element type 0x0d")]
    [InlineData(new byte[] { 0, 0, 8, 5, 0, 0, 0, 1, 5 }, "5 dimensions")]
    [InlineData(new byte[] { 0, 0, 8, 0, 5 }, "0 dimensions")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 0 }, "empty or too large")]
    [InlineData(new byte[] { 0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255 }, "empty or too large")]
    [InlineData(new byte[] { 0, 0, 8, 1, 127, 0, 0, 0, 5 }, "truncated")]
    public void A_wrong_header_is_refused_before_memory_is_taken_for_it(byte[] bytes, string expected)
    {
        string path = folder.Write("bad.idx", bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(expected, Assert.Throws<InputFormatException>(() => IdxFile.Read(path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void Images_are_no_labels_and_labels_no_images()
    {
        string images = folder.Write("i", Images);
        string labels = folder.Write("l", Labels);
        Assert.Contains("expected labels", Assert.Throws<InputFormatException>(() => IdxFile.ReadLabels(images)).Message);
        Assert.Contains("expected images", Assert.Throws<InputFormatException>(() => IdxFile.ReadImages(labels)).Message);
    }

    [Fact]
    public void An_absent_file_is_named()
    {
        string path = Path.Combine(folder.Root, "nowhere", "x.idx");
        Assert.Equal($"{path}: there is no such file", Assert.Throws<InputFormatException>(() => IdxFile.Read(path)).Message);
    }
}
