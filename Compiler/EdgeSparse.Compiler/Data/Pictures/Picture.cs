using SkiaSharp;

namespace EdgeSparse.Compiler.Data.Pictures;

/// <summary>Decodes a PNG or JPEG file to planes of bytes.</summary>
internal static class Picture
{
    /// <summary>The size of a picture and whether it is grey, from its header.</summary>
    /// <exception cref="DataException">The file is absent or no picture.</exception>
    public static (int Width, int Height, bool IsGrey) Describe(string path)
    {
        using SKCodec codec = Open(path);
        return (codec.Info.Width, codec.Info.Height, codec.Info.ColorType == SKColorType.Gray8);
    }

    /// <summary>
    /// Decodes a picture to a square: one of exactly this size is taken as it is; of another, the short side is brought to 8/7 of
    /// the size (256 for 224, as is usual for ImageNet) and the middle is cut out. Transparency is ignored.
    /// </summary>
    /// <param name="path">A PNG or JPEG file.</param>
    /// <param name="size">Rows and columns of the result.</param>
    /// <param name="planes">channels × size × size bytes; the channels are one (grey) or three (red, green, blue).</param>
    /// <param name="channels">1 or 3.</param>
    /// <exception cref="DataException">The file is absent, damaged or cut short.</exception>
    public static void Decode(string path, int size, Span<byte> planes, int channels)
    {
        using SKBitmap whole = Whole(path);
        if ((whole.Width, whole.Height) == (size, size))
        {
            Cut(whole, 0, 0, size, planes, channels);
            return;
        }

        double scale = Math.Round(size * 8 / 7.0) / Math.Min(whole.Width, whole.Height);
        SKImageInfo scaled = whole.Info.WithSize(
            Math.Max(size, (int)Math.Round(whole.Width * scale)), Math.Max(size, (int)Math.Round(whole.Height * scale)));

        using SKBitmap resized = Resized(path, whole, scaled);
        Cut(resized, (resized.Width - size) / 2, (resized.Height - size) / 2, size, planes, channels);
    }

    /// <summary>Decodes a part of a picture to a square, whatever its proportions.</summary>
    /// <param name="path">A PNG or JPEG file.</param>
    /// <param name="size">Rows and columns of the result.</param>
    /// <param name="planes">channels × size × size bytes, as of <see cref="Decode"/>.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="choose">Chooses the part from the picture's width and height.</param>
    /// <exception cref="DataException">The file is absent, damaged or cut short.</exception>
    public static void DecodePart(string path, int size, Span<byte> planes, int channels, Func<int, int, PicturePart> choose)
    {
        using SKBitmap whole = Whole(path);
        PicturePart part = choose(whole.Width, whole.Height);
        using SKBitmap cut = new();
        if (!whole.ExtractSubset(cut, SKRectI.Create(part.Left, part.Top, part.Width, part.Height)) || (cut.Width, cut.Height) != (part.Width, part.Height))
        {
            throw new ArgumentException($"{part} is no part of a picture of {whole.Width}×{whole.Height} pixels", nameof(choose));
        }

        using SKBitmap resized = Resized(path, cut, cut.Info.WithSize(size, size));
        Cut(resized, 0, 0, size, planes, channels);
    }

    private static SKBitmap Whole(string path)
    {
        using SKCodec codec = Open(path);
        SKBitmap whole = new(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        SKCodecResult result = codec.GetPixels(whole.Info, whole.GetPixels());
        if (result == SKCodecResult.Success)
        {
            return whole;
        }

        whole.Dispose();
        throw new DataException($"{path}: the picture cannot be decoded ({result})");
    }

    /// <summary>Mip maps average what a large reduction would otherwise skip over.</summary>
    private static SKBitmap Resized(string path, SKBitmap picture, SKImageInfo size) =>
        picture.Resize(size, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))
            ?? throw new DataException($"{path}: a picture of {picture.Width}×{picture.Height} pixels cannot be brought to {size.Width}×{size.Height}");

    private static SKCodec Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new DataException($"{path}: there is no such file");
        }

        return SKCodec.Create(path, out SKCodecResult result)
            ?? throw new DataException($"{path}: the picture cannot be decoded ({result})");
    }

    private static void Cut(SKBitmap bitmap, int left, int top, int size, Span<byte> planes, int channels)
    {
        ReadOnlySpan<byte> pixels = bitmap.GetPixelSpan();
        int plane = size * size;
        for (int y = 0; y < size; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice(((top + y) * bitmap.RowBytes) + (left * 4), size * 4);
            for (int x = 0; x < size; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    planes[(c * plane) + (y * size) + x] = row[(x * 4) + c];
                }
            }
        }
    }
}
