using System.Globalization;
using EdgeSparse.Compiler.Onnx.Proto;
using Google.Protobuf;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// Tensors that lie in files beside the model. A model is untrusted: only plain files inside its own folder are read, never
/// through a link or a path that leads elsewhere, and never more than the tensor needs.
/// </summary>
/// <param name="folder">The model's folder; null when the model has none.</param>
internal sealed class ExternalData(string? folder)
{
    /// <summary>Bytes read so far.</summary>
    public long BytesRead { get; private set; }

    /// <param name="tensor">A tensor whose data location is external.</param>
    /// <param name="byteCount">What its dimensions and type need.</param>
    /// <exception cref="OnnxFormatException">The file is missing, outside the folder, or too short.</exception>
    public ByteString Read(TensorProto tensor, long byteCount)
    {
        if (folder is null)
        {
            throw Fail(tensor, "lies in another file, which only a model read from a file can have");
        }

        Dictionary<string, string> entries = [];
        foreach (StringStringEntryProto entry in tensor.ExternalData)
        {
            entries[entry.Key] = entry.Value;
        }

        if (!entries.TryGetValue("location", out string? location) || location.Length == 0)
        {
            throw Fail(tensor, "lies in another file, but names none");
        }

        long offset = Number(tensor, entries, "offset") ?? 0;
        long length = Number(tensor, entries, "length") ?? byteCount;
        if (length != byteCount)
        {
            throw Fail(tensor, $"has {length} bytes in '{location}', but its dimensions need {byteCount}");
        }

        ByteString bytes = ReadRange(tensor, location, Inside(tensor, folder, location), offset, length);
        BytesRead += length;
        return bytes;
    }

    private static string Inside(TensorProto tensor, string folder, string location)
    {
        string[] parts = location.Split('/', '\\');
        if (Path.IsPathRooted(location) || location.Contains('\0') || parts.Any(p => p is "" or "." or ".."))
        {
            throw Fail(tensor, $"lies in '{location}', which is not a plain path inside the model's folder");
        }

        string path = folder;
        foreach (string part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw Fail(tensor, $"lies in '{location}', which leads through a link; put the file itself into the model's folder");
            }
        }

        return path;
    }

    private static ByteString ReadRange(TensorProto tensor, string location, string path, long offset, long length)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (offset < 0 || length < 0 || offset > stream.Length - length || length > Array.MaxLength)
            {
                throw Fail(tensor, $"needs {length} bytes from byte {offset} of '{location}', which has {stream.Length}");
            }

            byte[] bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            return UnsafeByteOperations.UnsafeWrap(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OnnxFormatException($"tensor '{tensor.Name}' lies in '{location}', which cannot be read: {error.Message}", error);
        }
    }

    private static long? Number(TensorProto tensor, Dictionary<string, string> entries, string key) =>
        !entries.TryGetValue(key, out string? text) ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value
        : throw Fail(tensor, $"has '{text}' as the {key} of its external data, which is no number");

    private static OnnxFormatException Fail(TensorProto tensor, string what) => new($"tensor '{tensor.Name}' {what}");
}
