using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Files;

/// <summary>
/// Writes a file whole or not at all: to a temporary neighbour first, flushed to the disk, then renamed over the target.
/// </summary>
public static class AtomicFile
{
    /// <exception cref="EdgeSparseException">The directory is missing or not writable, or the disk is full; nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        if (full.StartsWith("/dev/", StringComparison.Ordinal))
        {
            WriteDevice(path, write);
            return;
        }

        string temporary = $"{full}.{Environment.ProcessId}.part";
        try
        {
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot write '{path}': {error.Message}", error);
        }
        finally
        {
            // After a successful move there is nothing to delete; after any failure the half-written file must go.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    public static void Write(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));

    /// <summary>Renaming over a device would replace it by a file: a device is written as it stands.</summary>
    private static void WriteDevice(string path, Action<Stream> write)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            write(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot write '{path}': {error.Message}", error);
        }
    }
}
