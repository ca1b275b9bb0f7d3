namespace PiClassifier.Camera;

/// <summary>The pixel formats that are understood, and how their frames become pictures.</summary>
internal static class VideoPixels
{
    /// <summary>V4L2_PIX_FMT_YUYV: two pixels in four bytes, brightness of the one, blueness, brightness of the other, redness.</summary>
    public static readonly uint Yuyv = Code("YUYV");

    /// <summary>V4L2_PIX_FMT_GREY: a byte a pixel.</summary>
    public static readonly uint Grey = Code("GREY");

    /// <summary>v4l2_fourcc: four letters, the first in the lowest byte.</summary>
    public static uint Code(string letters) => letters[0] | ((uint)letters[1] << 8) | ((uint)letters[2] << 16) | ((uint)letters[3] << 24);

    /// <summary>The four letters, for messages.</summary>
    public static string NameOf(uint code) =>
        string.Concat(Enumerable.Range(0, 4).Select(i => (char)((code >> (8 * i)) & 0x7F)).Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>Bytes that a row of pixels has without filling.</summary>
    public static int RowBytes(uint format, int width) => format == Grey ? width : width * 2;

    /// <param name="format"><see cref="Yuyv"/> or <see cref="Grey"/>.</param>
    /// <param name="frame">At least (<paramref name="height"/> − 1) × <paramref name="stride"/> bytes and a row.</param>
    /// <param name="width">Pixels in a row, even for YUYV.</param>
    /// <param name="height">Rows.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    public static Picture ToPicture(uint format, ReadOnlySpan<byte> frame, int width, int height, int stride)
    {
        int channels = format == Grey ? 1 : 3;
        byte[] pixels = new byte[width * height * channels];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = frame.Slice(y * stride, RowBytes(format, width));
            Span<byte> to = pixels.AsSpan(y * width * channels, width * channels);
            if (format == Grey)
            {
                row.CopyTo(to);
                continue;
            }

            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<byte> pair = row.Slice(x / 2 * 4, 4);
                ToRgb(pair[x % 2 * 2], pair[1], pair[3], to.Slice(x * 3, 3));
            }
        }

        return new Picture(width, height, channels, pixels);
    }

    /// <summary>ITU-R BT.601 with brightness from 16 to 235 and colours from 16 to 240, in fixed point of 8 bits.</summary>
    private static void ToRgb(int brightness, int blueness, int redness, Span<byte> rgb)
    {
        int y = 298 * (brightness - 16);
        int b = blueness - 128;
        int r = redness - 128;
        rgb[0] = Clamp(y + (409 * r));
        rgb[1] = Clamp(y - (100 * b) - (208 * r));
        rgb[2] = Clamp(y + (516 * b));
    }

    private static byte Clamp(int value) => (byte)Math.Clamp((value + 128) >> 8, 0, 255);
}
