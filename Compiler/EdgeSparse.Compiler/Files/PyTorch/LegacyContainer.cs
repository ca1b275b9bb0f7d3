using System.Buffers.Binary;

namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>
/// What torch.save wrote before 1.6 and still does when asked to: pickles of a magic number, a protocol version and a description
/// of the machine, then the pickle itself and that of the storages' keys, then each storage: a 64-bit count and its elements.
/// </summary>
internal sealed class LegacyContainer : IPyTorchContainer
{
    /// <summary>The magic number 0x1950A86A20F9469CFC6C as a pickle holds it.</summary>
    public static ReadOnlySpan<byte> Magic => [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    private const long Protocol = 1001;

    private readonly Stream file;
    private readonly Dictionary<string, long> places = new(StringComparer.Ordinal);

    /// <param name="file">Open at its beginning; stays open.</param>
    public LegacyContainer(Stream file)
    {
        this.file = file;
        TorchStorageTable storages = new(file.Length);
        PickleMachine machine = new(storages);
        if (Next(machine) is not PickleLargeNumber || Next(machine) is not Protocol)
        {
            throw new PyTorchFileException($"its protocol is not {Protocol}");
        }

        if ((Next(machine) as PickleDictionary)?["little_endian"] is not true)
        {
            throw new PyTorchFileException("its numbers are not little-endian, or it does not say that they are");
        }

        Root = Next(machine);
        PickleList keys = Next(machine) as PickleList ?? throw new PyTorchFileException("the list of its storages is missing: it is damaged");
        Locate(keys, storages);
    }

    public object? Root { get; }

    public byte[] Read(TorchStorage storage)
    {
        file.Position = places.TryGetValue(storage.Key, out long place)
            ? place
            : throw new PyTorchFileException($"it lacks the storage '{storage.Key}'");
        byte[] bytes = new byte[storage.Bytes];
        file.ReadExactly(bytes);
        return bytes;
    }

    public void Dispose()
    {
        // The file is its opener's.
    }

    private object? Next(PickleMachine machine) => machine.Run(new PickleBytes(file, file.Length - file.Position));

    private void Locate(PickleList keys, TorchStorageTable storages)
    {
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        foreach (object? item in keys.Items)
        {
            string key = item as string ?? throw new PyTorchFileException("the list of its storages has a key that is no text: it is damaged");
            TorchStorage storage = storages[key] ?? throw new PyTorchFileException($"it has the storage '{key}', which no tensor names: it is damaged");
            file.ReadExactly(prefix);
            long count = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (count != storage.Count)
            {
                throw new PyTorchFileException($"its storage '{key}' has {count} elements, where {storage.Count} are expected: it is damaged");
            }

            if (!places.TryAdd(key, file.Position) || storage.Bytes > file.Length - file.Position)
            {
                throw new PyTorchFileException($"its storage '{key}' does not end within the file, or is there twice: it is cut off or damaged");
            }

            file.Position += storage.Bytes;
        }
    }
}
