using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>
/// Reads PNG pictures (ISO/IEC 15948): every colour type and bit depth, all filters, check sums verified. 16-bit samples are
/// rounded to 8. Transparency and gamma are ignored: the colours are taken as stored, as PIL's <c>convert("RGB")</c> does.
/// Interlaced pictures are refused.
/// </summary>
public static class PngFile
{
    /// <summary>Larger pictures are refused before memory is taken for them.</summary>
    public const int MostPixels = 1 << 25;

    // The best that deflate can do is 1032 to 1: fewer compressed bytes than that cannot hold the stated picture.
    private const int HighestRatio = 1032;

    /// <summary>What every file begins with.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <exception cref="InputFormatException">The file is absent, damaged, interlaced or too large.</exception>
    public static PngImage Read(string path)
    {
        using InputStream input = InputStream.Open(path);
        return Read(input);
    }

    /// <param name="stream">Stays open; what follows the picture is left.</param>
    /// <param name="name">Of the picture in messages.</param>
    /// <exception cref="InputFormatException">As for a file.</exception>
    public static PngImage Read(Stream stream, string name) => Read(InputStream.Over(stream, name));

    internal static PngImage Read(InputStream input)
    {
        if (!input.Take(Magic.Length, "PNG signature").AsSpan().SequenceEqual(Magic))
        {
            throw new InputFormatException($"{input.Name}: no PNG file: its signature is wrong");
        }

        (uint kind, byte[] body) = Chunk(input);
        if (kind != Kind("IHDR") || body.Length != 13)
        {
            throw new InputFormatException($"{input.Name}: the PNG does not begin with an IHDR chunk of 13 bytes");
        }

        PngLayout layout = PngLayout.Parse(body, input.Name);
        byte[] palette = [];
        using MemoryStream compressed = new();
        while (true)
        {
            (kind, body) = Chunk(input);
            if (kind == Kind("IEND"))
            {
                break;
            }

            if (kind == Kind("IDAT"))
            {
                if (compressed.Length + body.Length > layout.MostCompressedBytes)
                {
                    throw MorePixelData(layout, input.Name);
                }

                compressed.Write(body);
            }
            else if (kind == Kind("PLTE"))
            {
                palette = body.Length % 3 == 0 && body.Length is > 0 and <= 768
                    ? body
                    : throw new InputFormatException($"{input.Name}: the PNG palette has {body.Length} bytes; it needs 3 each of 1 to 256 colours");
            }
            else if ((kind & 0x2000_0000) == 0)
            {
                // An upper-case first letter: the picture cannot be understood without this chunk.
                throw new InputFormatException($"{input.Name}: the PNG has an unknown critical chunk '{NameOf(kind)}'");
            }
        }

        return Decode(layout, palette, compressed, input.Name);
    }

    private static PngImage Decode(PngLayout layout, byte[] palette, MemoryStream compressed, string name)
    {
        if (compressed.Length * HighestRatio < (layout.RowBytes + 1L) * layout.Height)
        {
            throw new InputFormatException($"{name}: truncated: the PNG has too little pixel data for {layout.Width}×{layout.Height}");
        }

        if (layout.IsPalette && palette.Length == 0)
        {
            throw new InputFormatException($"{name}: the PNG has no palette");
        }

        int channels = layout.OutputChannels;
        byte[] pixels = new byte[layout.Width * layout.Height * channels];
        byte[] above = new byte[layout.RowBytes];
        byte[] row = new byte[layout.RowBytes + 1];
        compressed.Position = 0;
        using ZLibStream raw = new(compressed, CompressionMode.Decompress);
        try
        {
            for (int y = 0; y < layout.Height; y++)
            {
                raw.ReadExactly(row);
                Span<byte> samples = row.AsSpan(1);
                PngRow.Unfilter(row[0], samples, above, layout.BytesPerPixel, name);
                PngRow.Expand(layout, palette, samples, pixels.AsSpan(y * layout.Width * channels, layout.Width * channels), name);
                samples.CopyTo(above);
            }

            // Also makes the stream check its Adler-32.
            if (raw.ReadByte() >= 0)
            {
                throw MorePixelData(layout, name);
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new InputFormatException($"{name}: the PNG's pixel data are corrupt or cut short", error);
        }

        return new PngImage(layout.Width, layout.Height, channels, pixels);
    }

    private static InputFormatException MorePixelData(PngLayout layout, string name) =>
        new($"{name}: the PNG has more data than {layout.Width}×{layout.Height} pixels need");

    private static (uint Kind, byte[] Body) Chunk(InputStream input)
    {
        byte[] head = input.Take(8, "PNG chunk");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        uint kind = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4));
        byte[] body = input.Take(length, "PNG chunk");
        Crc32 crc = new();
        crc.Append(head.AsSpan(4));
        crc.Append(body);
        if (crc.GetCurrentHashAsUInt32() != BinaryPrimitives.ReadUInt32BigEndian(input.Take(4, "PNG chunk")))
        {
            throw new InputFormatException($"{input.Name}: the PNG's chunk '{NameOf(kind)}' has a wrong CRC");
        }

        return (kind, body);
    }

    private static uint Kind(string name) =>
        ((uint)name[0] << 24) | ((uint)name[1] << 16) | ((uint)name[2] << 8) | name[3];

    private static string NameOf(uint kind)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, kind);
        foreach (ref byte letter in bytes)
        {
            letter = char.IsAsciiLetter((char)letter) ? letter : (byte)'?';
        }

        return Encoding.ASCII.GetString(bytes);
    }
}
