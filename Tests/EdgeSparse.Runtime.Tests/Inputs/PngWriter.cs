using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace EdgeSparse.Runtime.Tests.Inputs;

/// <summary>Makes PNG files, right and wrong ones, straight from the standard.</summary>
internal static class PngWriter
{
    /// <param name="rows">Height rows of packed samples.</param>
    /// <param name="filterOf">The filter of each row.</param>
    public static byte[] Encode(
        int width, int depth, int colourType, byte[][] rows, Func<int, int> filterOf, byte[]? palette = null, bool interlaced = false)
    {
        int samples = colourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        byte[] zlib = Zlib(Filtered(rows, Math.Max(1, samples * depth / 8), filterOf));
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), rows.Length);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colourType, interlaced ? (byte)1 : (byte)0);

        // Pixel data in two chunks, as real encoders split them.
        int half = zlib.Length / 2;
        return
        [
            .. Signature,
            .. Chunk("IHDR", header),
            .. Chunk("tIME", new byte[7]),
            .. palette is null ? [] : Chunk("PLTE", palette),
            .. Chunk("IDAT", zlib[..half]),
            .. Chunk("IDAT", zlib[half..]),
            .. Chunk("IEND", []),
        ];
    }

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    public static byte[] Chunk(string kind, byte[] body)
    {
        byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(kind), .. body, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32.HashToUInt32(chunk.AsSpan(4, body.Length + 4)));
        return chunk;
    }

    public static byte[] Zlib(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Filtered(byte[][] rows, int distance, Func<int, int> filterOf)
    {
        List<byte> all = [];
        for (int y = 0; y < rows.Length; y++)
        {
            int filter = filterOf(y);
            all.Add((byte)filter);
            for (int i = 0; i < rows[y].Length; i++)
            {
                int a = i >= distance ? rows[y][i - distance] : 0;
                int b = y > 0 ? rows[y - 1][i] : 0;
                int c = i >= distance && y > 0 ? rows[y - 1][i - distance] : 0;
                int p = a + b - c;
                int paeth = Math.Abs(p - a) <= Math.Abs(p - b) && Math.Abs(p - a) <= Math.Abs(p - c) ? a
                    : Math.Abs(p - b) <= Math.Abs(p - c) ? b : c;
                int prediction = filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => paeth };
                all.Add((byte)(rows[y][i] - prediction));
            }
        }

        return [.. all];
    }
}
