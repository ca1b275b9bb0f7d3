using System.IO.Compression;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>
/// A sample file as a stream of its content, gunzipped when its first two bytes are those of gzip. Reads never trust a length
/// that the file itself states: memory grows with the bytes that are really there.
/// </summary>
internal sealed class InputStream : IDisposable
{
    private const int FirstStep = 1 << 20;
    private readonly Stream source;

    private InputStream(Stream source, string name)
    {
        this.source = source;
        Name = name;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <exception cref="InputFormatException">The file is absent or not readable.</exception>
    public static InputStream Open(string path)
    {
        Stream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            bool gzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            return new InputStream(gzip ? new GZipStream(file, CompressionMode.Decompress) : file, path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputFormatException($"{path}: there is no such file", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            file?.Dispose();
            throw new InputFormatException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    public static InputStream Over(Stream stream, string name) => new(stream, name);

    /// <summary>The next <paramref name="length"/> bytes.</summary>
    /// <param name="part">Named in the message, for example <c>header</c>.</param>
    /// <exception cref="InputFormatException">Fewer are left, or the gzip data are corrupt.</exception>
    public byte[] Take(long length, string part)
    {
        if (length > Array.MaxLength)
        {
            throw new InputFormatException($"{Name}: its {part} states {length} bytes; at most {Array.MaxLength} are read");
        }

        byte[] bytes = new byte[(int)Math.Min(length, FirstStep)];
        int filled = 0;
        while (true)
        {
            filled += Fill(bytes.AsSpan(filled));
            if (filled == length)
            {
                return bytes;
            }

            if (filled < bytes.Length)
            {
                throw new InputFormatException($"{Name}: truncated: its {part} needs {length} bytes and {filled} are there");
            }

            Array.Resize(ref bytes, (int)Math.Min(length, 4L * bytes.Length));
        }
    }

    /// <exception cref="InputFormatException">The content goes on.</exception>
    public void ExpectEnd()
    {
        if (Fill(stackalloc byte[1]) != 0)
        {
            throw new InputFormatException($"{Name}: has more bytes than its header states");
        }
    }

    public void Dispose() => source.Dispose();

    private int Fill(Span<byte> bytes)
    {
        try
        {
            return source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException error)
        {
            throw new InputFormatException($"{Name}: its gzip data are corrupt or cut short", error);
        }
        catch (IOException error)
        {
            throw new InputFormatException($"{Name}: cannot be read: {error.Message}", error);
        }
    }
}
