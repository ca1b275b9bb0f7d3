using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>What a file can have wrong as a whole: each is one clear line.</summary>
public sealed class BlobFileTests : IDisposable
{
    private static readonly byte[] Good = SmallNetwork.Build().Build();
    private readonly string folder = Directory.CreateTempSubdirectory("edgesparse-blob-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_mapped_file_runs_like_its_bytes()
    {
        string path = Write("good.esb", Good);
        float[] mapped = new float[SmallNetwork.Outputs];
        float[] copied = new float[SmallNetwork.Outputs];
        using (Model model = Model.Load(path))
        using (Session session = model.CreateSession())
        {
            session.Run(SmallNetwork.Sample(1), mapped);
            Assert.Equal(Good.Length, model.BlobBytes);
        }

        using (Model model = Model.FromBytes(Good))
        using (Session session = model.CreateSession())
        {
            session.Run(SmallNetwork.Sample(1), copied);
        }

        Assert.Equal(copied, mapped);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string path = Path.Combine(folder, "none.esb");
        var error = Assert.Throws<EdgeSparseException>(() => Model.Load(path));
        Assert.Equal($"there is no file '{path}'", error.Message);
    }

    [Fact]
    public void A_folder_is_no_blob()
    {
        var error = Assert.Throws<EdgeSparseException>(() => Model.Load(folder));
        Assert.StartsWith($"cannot read '{folder}': ", error.Message);
    }

    [Fact]
    public void An_empty_file_is_no_blob()
    {
        string path = Write("empty.esb", []);
        var error = Assert.Throws<BlobFormatException>(() => Model.Load(path));
        Assert.Equal($"'{path}' is empty, no .esb blob", error.Message);
        Assert.Throws<BlobFormatException>(() => Model.FromBytes([]));
    }

    [Fact]
    public void A_file_of_another_kind_is_no_blob()
    {
        string path = Write("text.esb", "this is a text, not a blob, though long enough for a header of 64 bytes"u8.ToArray());
        var error = Assert.Throws<BlobFormatException>(() => Model.Load(path));
        Assert.Equal($"'{path}': this is no .esb blob: it does not start with the bytes 89 45 53 42 0D 0A 1A 0A", error.Message);
    }

    [Fact]
    public void A_truncated_blob_is_refused_at_every_length()
    {
        for (int length = 8; length < Good.Length; length++)
        {
            var error = Assert.Throws<BlobFormatException>(() => Model.FromBytes(Good.AsSpan(0, length)));
            Assert.StartsWith("the blob is truncated: it has " + length, error.Message);
        }
    }

    [Fact]
    public void A_blob_with_bytes_after_it_is_refused()
    {
        var error = Assert.Throws<BlobFormatException>(() => Model.FromBytes([.. Good, 0]));
        Assert.Equal($"the blob is followed by other bytes: it has {Good.Length}, the file {Good.Length + 1}", error.Message);
    }

    [Fact]
    public void A_blob_of_another_version_says_what_to_do()
    {
        byte[] blob = [.. Good];
        blob[8] = 1;
        BlobBuilder.Digest(blob);
        var error = Assert.Throws<BlobFormatException>(() => Model.FromBytes(blob));
        Assert.Equal(
            "the blob has the format version 1; this program reads version 3: pack the model again with a matching compiler", error.Message);
    }

    [Fact]
    public void A_blob_with_any_byte_changed_is_refused()
    {
        byte[] blob = [.. Good];
        for (int i = 0; i < blob.Length; i += Repetitions.Every)
        {
            blob[i] ^= (byte)(1 << (i % 8));
            Assert.Throws<BlobFormatException>(() => Model.FromBytes(blob));
            blob[i] ^= (byte)(1 << (i % 8));
        }
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
