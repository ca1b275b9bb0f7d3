using System.IO.Compression;
using System.IO.Hashing;

namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>
/// What torch.save writes since 1.6: a zip archive of a folder with <c>data.pkl</c>, the storages as <c>data/KEY</c>, and
/// <c>byteorder</c>. All of them are stored as they are; a compressed entry, which could grow beyond any bound, is refused.
/// </summary>
internal sealed class ZipContainer : IPyTorchContainer
{
    private const string Pickle = "data.pkl";

    private readonly ZipArchive archive;
    private readonly string folder;

    /// <param name="file">Open at its beginning; stays open.</param>
    public ZipContainer(Stream file)
    {
        archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        ZipArchiveEntry[] pickles = [.. archive.Entries.Where(e => e.FullName == Pickle || e.FullName.EndsWith($"/{Pickle}", StringComparison.Ordinal)).Take(2)];
        if (pickles.Length != 1)
        {
            throw new PyTorchFileException($"its archive has {(pickles.Length == 0 ? "no" : "more than one")} {Pickle}");
        }

        folder = pickles[0].FullName[..^Pickle.Length];
        if (archive.GetEntry($"{folder}byteorder") is { } order && (order.Length != 6 || !Contents(order, 6).AsSpan().SequenceEqual("little"u8)))
        {
            throw new PyTorchFileException("its numbers are big-endian; little-endian ones are read");
        }

        if (pickles[0].Length > PickleBytes.Largest)
        {
            throw new PyTorchFileException($"its pickle has {pickles[0].Length} bytes; at most {PickleBytes.Largest} are read");
        }

        byte[] pickle = Contents(pickles[0], pickles[0].Length);
        Root = new PickleMachine(new TorchStorageTable(file.Length)).Run(new PickleBytes(new MemoryStream(pickle), pickle.Length));
    }

    public object? Root { get; }

    public byte[] Read(TorchStorage storage) => archive.GetEntry($"{folder}data/{storage.Key}") is { } entry
        ? Contents(entry, storage.Bytes)
        : throw new PyTorchFileException($"its archive lacks the storage '{storage.Key}'");

    public void Dispose() => archive.Dispose();

    private static byte[] Contents(ZipArchiveEntry entry, long expected)
    {
        if (entry.Length != entry.CompressedLength)
        {
            throw new PyTorchFileException($"the entry '{entry.FullName}' of its archive is compressed; PyTorch stores entries as they are");
        }

        if (entry.Length != expected)
        {
            throw new PyTorchFileException($"the entry '{entry.FullName}' of its archive has {entry.Length} bytes, where {expected} are expected");
        }

        byte[] bytes = new byte[expected];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return Crc32.HashToUInt32(bytes) == entry.Crc32
            ? bytes
            : throw new PyTorchFileException($"the entry '{entry.FullName}' of its archive has a wrong checksum: it is damaged");
    }
}
