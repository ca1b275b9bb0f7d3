using System.Buffers.Binary;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>What a PNG's IHDR chunk says of its rows.</summary>
internal readonly record struct PngLayout(int Width, int Height, int Depth, int ColourType)
{
    private const int Grey = 0;
    private const int Palette = 3;
    private const int GreyAlpha = 4;

    public bool IsPalette => ColourType == Palette;

    /// <summary>Samples a pixel in the file, alpha included.</summary>
    public int Samples => ColourType switch
    {
        Grey or Palette => 1,
        GreyAlpha => 2,
        2 => 3,
        _ => 4,
    };

    public int OutputChannels => ColourType is Grey or GreyAlpha ? 1 : 3;

    /// <summary>Bytes of a row without its filter byte.</summary>
    public int RowBytes => checked((int)((((long)Width * Samples * Depth) + 7) / 8));

    /// <summary>Far more than deflate makes of the worst picture of this size.</summary>
    public long MostCompressedBytes => (2L * (RowBytes + 1) * Height) + 4096;

    /// <summary>The distance of a filter's left neighbour, at least 1.</summary>
    public int BytesPerPixel => Math.Max(1, Samples * Depth / 8);

    /// <exception cref="InputFormatException">A field is out of its range, or the picture is interlaced or too large.</exception>
    public static PngLayout Parse(ReadOnlySpan<byte> header, string name)
    {
        uint width = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (width == 0 || height == 0 || (ulong)width * height > PngFile.MostPixels)
        {
            throw new InputFormatException($"{name}: a PNG of {width}×{height}; 1 to {PngFile.MostPixels} pixels are read");
        }

        int depth = header[8];
        int colour = header[9];
        bool allowed = colour switch
        {
            Grey => depth is 1 or 2 or 4 or 8 or 16,
            Palette => depth is 1 or 2 or 4 or 8,
            2 or GreyAlpha or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!allowed || header[10] != 0 || header[11] != 0 || header[12] > 1)
        {
            throw new InputFormatException($"{name}: a PNG header out of its range (colour type {colour}, bit depth {depth})");
        }

        if (header[12] == 1)
        {
            throw new InputFormatException($"{name}: an interlaced PNG, which is not read; save it without interlacing");
        }

        return new PngLayout((int)width, (int)height, depth, colour);
    }
}
