using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>
/// State dictionaries that torch.save wrote (.pth, .pt, .th, .pth.tar, .ckpt), as a zip archive or in the older form. They are
/// pickles, programs that in Python could do anything; here they can only describe tensors in plain containers, and no more is
/// allocated than the length of the file allows.
/// </summary>
public static class PyTorchFile
{
    // PyTorch's BatchNorm counts its training steps; nothing at inference depends on that.
    private const string StepCounter = "num_batches_tracked";

    // Tied weights are one storage and two tensors; a file of many views of one storage is made to fill the memory.
    private const int MostUses = 4;

    /// <summary>Whether a file that begins so is one that torch.save wrote, or another pickle.</summary>
    internal static bool Begins(ReadOnlySpan<byte> bytes) => IsZip(bytes) || IsPickle(bytes);

    /// <summary>Reads all tensors as fp32, except the step counters of batch normalisations.</summary>
    /// <exception cref="PyTorchFileException">It is no PyTorch file, is damaged, has no state dictionary, or names anything but tensors and plain containers.</exception>
    /// <exception cref="EdgeSparseException">It cannot be read.</exception>
    public static IReadOnlyDictionary<string, Weight> Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using IPyTorchContainer container = Open(stream);
            return Weights(container, stream.Length);
        }
        catch (Exception error) when (error is PyTorchFileException or GraphException)
        {
            throw Unusable(path, error.Message, error);
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException)
        {
            throw Unusable(path, $"it is cut off or damaged ({error.Message.ReplaceLineEndings(" ")})", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot read '{path}': {error.Message}", error);
        }
    }

    private static IPyTorchContainer Open(FileStream stream)
    {
        Span<byte> start = stackalloc byte[32];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        return IsZip(start) ? new ZipContainer(stream)
            : start.IndexOf(LegacyContainer.Magic) >= 0 ? new LegacyContainer(stream)
            : throw new PyTorchFileException("torch.save did not write it");
    }

    private static Dictionary<string, Weight> Weights(IPyTorchContainer container, long fileBytes)
    {
        (string Name, TorchTensor Tensor)[] tensors =
            [.. CheckpointSearch.TensorsOf(container.Root).Where(t => !t.Name.EndsWith(StepCounter, StringComparison.Ordinal))];
        long bytes = tensors.Sum(t => (long)t.Tensor.CheckedCount(t.Name) * t.Tensor.Storage.Type.Bytes);
        if (bytes / MostUses > fileBytes)
        {
            throw new PyTorchFileException($"its tensors have {bytes} bytes in a file of {fileBytes}");
        }

        // By storages, so that each is read once and one is in memory at a time.
        Dictionary<string, Weight> weights = new(StringComparer.Ordinal);
        foreach (IGrouping<TorchStorage, (string Name, TorchTensor Tensor)> group in tensors.GroupBy(t => t.Tensor.Storage))
        {
            byte[] storage = group.Key.Bytes <= Array.MaxLength
                ? container.Read(group.Key)
                : throw new PyTorchFileException($"its storage '{group.Key.Key}' has {group.Key.Bytes} bytes, too many for weights");
            foreach ((string name, TorchTensor tensor) in group)
            {
                weights.Add(name, tensor.ToWeight(name, storage));
            }
        }

        return weights;
    }

    private static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\x03\x04"u8);

    /// <summary>The first byte could also be that of a safetensors file with a header of 640 bytes and so on, which has a brace next.</summary>
    private static bool IsPickle(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 2 && bytes[0] == 0x80 && bytes[1] is >= 2 and <= 5 && (bytes.Length <= 8 || bytes[8] != '{');

    private static PyTorchFileException Unusable(string path, string why, Exception error) =>
        new($"'{path}' is no PyTorch state dictionary that can be used: {why}", error);
}
