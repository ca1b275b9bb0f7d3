using System.Buffers.Binary;
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
    private readonly FileStream? gzipped;
    private byte[] peeked = [];
    private long delivered;

    private InputStream(Stream source, string name, FileStream? gzipped = null)
    {
        this.source = source;
        this.gzipped = gzipped;
        Name = name;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <exception cref="InputFormatException">The file is absent or not readable.</exception>
    public static InputStream Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            bool gzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            return gzip ? new InputStream(new GZipStream(file, CompressionMode.Decompress), path, file) : new InputStream(file, path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputFormatException($"{path}: there is no such file", error);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or ArgumentException)
        {
            throw new InputFormatException($"'{path}' is no file that may be read", error);
        }
        catch (Exception error) when (error is IOException or NotSupportedException)
        {
            file?.Dispose();
            throw new InputFormatException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    public static InputStream Over(Stream stream, string name) => new(stream, name);

    /// <summary>The first bytes, which the next <see cref="Take"/> gives again; fewer when the content is shorter.</summary>
    public ReadOnlySpan<byte> Peek(int length)
    {
        byte[] bytes = new byte[length];
        int filled = Fill(bytes);
        // Not bytes[..filled]: a range of an array is made by reflection, which is 190 KB of an AOT program.
        peeked = bytes.AsSpan(0, filled).ToArray();
        return peeked;
    }

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

        // GZipStream takes a file that ends early for whole when the content happened to be complete; its last four bytes,
        // the length of the content, tell.
        if (gzipped is not null)
        {
            Span<byte> length = stackalloc byte[4];
            gzipped.Position = gzipped.Length - length.Length;
            gzipped.ReadExactly(length);
            if (BinaryPrimitives.ReadUInt32LittleEndian(length) != (uint)delivered)
            {
                throw new InputFormatException($"{Name}: its gzip data are corrupt or cut short");
            }
        }
    }

    public void Dispose() => source.Dispose();

    private int Fill(Span<byte> bytes)
    {
        int known = Math.Min(peeked.Length, bytes.Length);
        peeked.AsSpan(0, known).CopyTo(bytes);
        peeked = peeked.AsSpan(known).ToArray();
        try
        {
            int read = source.ReadAtLeast(bytes[known..], bytes.Length - known, throwOnEndOfStream: false);
            delivered += read;
            return known + read;
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
