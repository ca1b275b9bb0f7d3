namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>Elements that tensors are made of, named by the pickle and kept elsewhere in the file.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Count">Elements.</param>
internal sealed record TorchStorage(string Key, TorchElementType Type, long Count)
{
    public long Bytes => Count * Type.Bytes;
}

/// <summary>The storages that a pickle names.</summary>
/// <param name="fileBytes">Length of the whole file, more than which its storages cannot have.</param>
internal sealed class TorchStorageTable(long fileBytes)
{
    private readonly Dictionary<string, TorchStorage> storages = new(StringComparer.Ordinal);
    private long bytes;

    /// <summary>The storage of that key, or null.</summary>
    public TorchStorage? this[string key] => storages.GetValueOrDefault(key);

    /// <summary>The storage of a persistent id: 'storage', class, key, device, elements, and in old files a view, which must be none.</summary>
    /// <exception cref="PyTorchFileException">The id is something else, or its storage larger than the file.</exception>
    public TorchStorage Named(object? id)
    {
        if (id is not PickleTuple { Items: ["storage", TorchGlobal { ElementType: { } type }, string key, string, long count, .. var view] }
            || view is not ([] or [null]))
        {
            throw new PyTorchFileException("its pickle refers to something outside that is no plain storage of one element type");
        }

        if (count < 0 || count > fileBytes / type.Bytes)
        {
            throw new PyTorchFileException($"its storage '{key}' should have {count} elements of {type.Bytes} bytes, but the file has {fileBytes} bytes");
        }

        TorchStorage storage = new(key, type, count);
        if (storages.TryGetValue(key, out TorchStorage? known))
        {
            return known == storage ? known : throw new PyTorchFileException($"its storage '{key}' is described in two ways");
        }

        // Storages that shared bytes could make a small file fill the memory.
        bytes += storage.Bytes;
        if (bytes > fileBytes)
        {
            throw new PyTorchFileException($"its storages should have more than {fileBytes} bytes, which is all that the file has");
        }

        storages.Add(key, storage);
        return storage;
    }
}
