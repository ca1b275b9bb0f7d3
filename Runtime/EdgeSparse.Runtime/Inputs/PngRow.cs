namespace EdgeSparse.Runtime.Inputs;

/// <summary>The two steps from a row of PNG bytes to pixels: undo the filter, then bring samples to 8 bits.</summary>
internal static class PngRow
{
    /// <summary>Undoes a row's filter in place (ISO/IEC 15948, 9.2).</summary>
    /// <param name="filter">0 none, 1 left, 2 above, 3 their average, 4 Paeth.</param>
    /// <param name="row">Filtered bytes, becomes the row.</param>
    /// <param name="above">The row before, zeros for the first.</param>
    /// <param name="distance">Bytes to the pixel on the left.</param>
    /// <param name="name">For messages.</param>
    public static void Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int distance, string name)
    {
        if (filter > 4)
        {
            throw new InputFormatException($"{name}: the PNG has the row filter {filter}; 0 to 4 exist");
        }

        for (int i = 0; filter != 0 && i < row.Length; i++)
        {
            int left = i >= distance ? row[i - distance] : 0;
            int corner = i >= distance ? above[i - distance] : 0;
            row[i] += (byte)(filter switch
            {
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                _ => Paeth(left, above[i], corner),
            });
        }
    }

    /// <summary>Samples of any depth to grey or RGB bytes: shallow ones are stretched to 0…255, alpha is left out.</summary>
    public static void Expand(PngLayout layout, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> row, Span<byte> pixels, string name)
    {
        int channels = layout.OutputChannels;
        for (int x = 0; x < layout.Width; x++)
        {
            if (layout.IsPalette)
            {
                int entry = 3 * Sample(row, x, layout.Depth);
                if (entry >= palette.Length)
                {
                    throw new InputFormatException($"{name}: the PNG has a pixel outside its palette of {palette.Length / 3} colours");
                }

                palette.Slice(entry, 3).CopyTo(pixels[(3 * x)..]);
                continue;
            }

            for (int c = 0; c < channels; c++)
            {
                int most = (1 << layout.Depth) - 1;
                int sample = Sample(row, (x * layout.Samples) + c, layout.Depth);
                pixels[(x * channels) + c] = (byte)(((sample * 255) + (most / 2)) / most);
            }
        }
    }

    private static int Sample(ReadOnlySpan<byte> row, int index, int depth)
    {
        if (depth == 16)
        {
            return (row[2 * index] << 8) | row[(2 * index) + 1];
        }

        int bit = index * depth;
        return (row[bit / 8] >> (8 - depth - (bit % 8))) & ((1 << depth) - 1);
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left);
        int toAbove = Math.Abs(estimate - above);
        int toCorner = Math.Abs(estimate - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
