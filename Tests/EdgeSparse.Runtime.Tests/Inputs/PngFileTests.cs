using CsCheck;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Runtime.Tests.Inputs;

public sealed class PngFileTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(0, 4)]
    [InlineData(0, 8)]
    [InlineData(0, 16)]
    [InlineData(2, 8)]
    [InlineData(2, 16)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 4)]
    [InlineData(3, 8)]
    [InlineData(4, 8)]
    [InlineData(4, 16)]
    [InlineData(6, 8)]
    [InlineData(6, 16)]
    public void Every_colour_type_depth_and_filter_gives_the_samples_that_were_written(int colourType, int depth)
    {
        int samples = colourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        int outputs = colourType is 0 or 4 ? 1 : 3;
        Gen.Select(Gen.Int[1, 17], Gen.Int[1, 7], Gen.Int[0, int.MaxValue]).Sample(
            (width, height, seed) =>
            {
                Random random = new(seed);
                byte[] palette = new byte[3 << Math.Min(depth, 8)];
                random.NextBytes(palette);
                int most = (1 << depth) - 1;
                byte[][] rows = new byte[height][];
                List<byte> expected = [];
                for (int y = 0; y < height; y++)
                {
                    int[] row = [.. Enumerable.Range(0, width * samples).Select(_ => random.Next(most + 1))];
                    rows[y] = Pack(row, depth);
                    for (int i = 0; i < row.Length; i++)
                    {
                        if (colourType == 3)
                        {
                            expected.AddRange(palette.AsSpan(3 * row[i], 3));
                        }
                        else if (i % samples < outputs)
                        {
                            expected.Add((byte)Math.Round(row[i] * 255.0 / most));
                        }
                    }
                }

                PngImage image = Read(PngWriter.Encode(width, depth, colourType, rows, _ => random.Next(5), colourType == 3 ? palette : null));
                Assert.Equal((width, height, outputs), (image.Width, image.Height, image.Channels));
                Assert.Equal(expected, image.Pixels);
            },
            iter: 40,
            threads: 1);
    }

    [Fact]
    public void Each_filter_is_undone_by_its_definition()
    {
        byte[][] rows = [[10, 20, 30], [11, 25, 90], [200, 1, 250], [3, 3, 3], [7, 200, 9]];
        Assert.Equal(rows.SelectMany(row => row), Read(PngWriter.Encode(3, 8, 0, rows, y => y)).Pixels);
    }

    [Fact]
    public void Interlaced_pictures_are_refused_with_advice() =>
        Refuses("interlaced", PngWriter.Encode(1, 8, 0, [[5]], _ => 0, interlaced: true));

    [Fact]
    public void Every_flipped_byte_is_refused_or_changes_nothing_outside_the_picture()
    {
        byte[] whole = PngWriter.Encode(4, 8, 2, [new byte[12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]], _ => 4);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] broken = [.. whole];
            broken[i] ^= 0x10;
            Assert.Throws<InputFormatException>(() => Read(broken));
        }
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        byte[] whole = PngWriter.Encode(4, 8, 2, [new byte[12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]], _ => 4);
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Refuses("test.png: truncated", cut);
        }
    }

    [Fact]
    public void A_small_file_that_claims_a_large_picture_is_refused_before_memory_is_taken()
    {
        byte[] bomb =
        [
            .. PngWriter.Signature,
            .. PngWriter.Chunk("IHDR", [0, 0, 0x10, 0, 0, 0, 0x20, 0, 8, 2, 0, 0, 0]),
            .. PngWriter.Chunk("IDAT", PngWriter.Zlib(new byte[1000])),
            .. PngWriter.Chunk("IEND", []),
        ];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refuses("too little pixel data for 4096×8192", bomb);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0 }, "a PNG of 0×1")]
    [InlineData(new byte[] { 0, 1, 0, 0, 0, 1, 0, 0, 8, 0, 0, 0, 0 }, "a PNG of 65536×65536")]
    [InlineData(new byte[] { 0, 0, 0, 1, 0, 0, 0, 1, 3, 0, 0, 0, 0 }, "bit depth 3")]
    [InlineData(new byte[] { 0, 0, 0, 1, 0, 0, 0, 1, 16, 3, 0, 0, 0 }, "colour type 3, bit depth 16")]
    [InlineData(new byte[] { 0, 0, 0, 1, 0, 0, 0, 1, 8, 5, 0, 0, 0 }, "colour type 5")]
    [InlineData(new byte[] { 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0 }, "IHDR chunk of 13 bytes")]
    public void A_header_out_of_range_is_refused(byte[] header, string expected) =>
        Refuses(expected, [.. PngWriter.Signature, .. PngWriter.Chunk("IHDR", header), .. PngWriter.Chunk("IEND", [])]);

    [Fact]
    public void A_palette_that_is_absent_short_or_malformed_is_refused()
    {
        Refuses("has no palette", PngWriter.Encode(1, 8, 3, [[0]], _ => 0));
        Refuses("outside its palette of 2 colours", PngWriter.Encode(1, 8, 3, [[2]], _ => 0, new byte[6]));
        Refuses("palette has 5 bytes", PngWriter.Encode(1, 8, 3, [[0]], _ => 0, new byte[5]));
    }

    [Fact]
    public void Wrong_pixel_data_are_refused()
    {
        Refuses("row filter 5", PngWriter.Encode(1, 8, 0, [[9]], _ => 5));
        Refuses("more data than 1×1", WithPixelData(PngWriter.Zlib(new byte[3])));
        Refuses("corrupt or cut short", WithPixelData(PngWriter.Zlib(new byte[1])));
        Refuses("corrupt or cut short", WithPixelData([1, 2, 3, 4, 5]));
        Refuses("more data than 1×1", WithPixelData(new byte[5000]));
        Refuses("too little pixel data", WithPixelData([]));
        Refuses("unknown critical chunk 'FAKE'", [.. Start, .. PngWriter.Chunk("FAKE", [])]);
    }

    private static byte[] Start => [.. PngWriter.Signature, .. PngWriter.Chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])];

    private static byte[] WithPixelData(byte[] zlib) => [.. Start, .. PngWriter.Chunk("IDAT", zlib), .. PngWriter.Chunk("IEND", [])];

    private static void Refuses(string expected, byte[] file) =>
        Assert.Contains(expected, Assert.Throws<InputFormatException>(() => Read(file)).Message);

    private static byte[] Pack(int[] samples, int depth)
    {
        byte[] row = new byte[((samples.Length * depth) + 7) / 8];
        for (int i = 0; i < samples.Length; i++)
        {
            if (depth == 16)
            {
                (row[2 * i], row[(2 * i) + 1]) = ((byte)(samples[i] >> 8), (byte)samples[i]);
            }
            else
            {
                row[i * depth / 8] |= (byte)(samples[i] << (8 - depth - (i * depth % 8)));
            }
        }

        return row;
    }

    private static PngImage Read(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        return PngFile.Read(stream, "test.png");
    }
}
