namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>Between planes one after the other (CHW) and pixels with their channels together (HWC), at batch 1.</summary>
/// <param name="Channels">C.</param>
/// <param name="Pixels">H × W.</param>
internal readonly record struct ChannelOrder(int Channels, int Pixels)
{
    /// <summary>Whether both orders are the same.</summary>
    public bool IsTrivial => Channels == 1 || Pixels == 1;

    public int Count => Channels * Pixels;

    public void ToHwc(ReadOnlySpan<float> planes, Span<float> pixels) => Transpose(planes, pixels, Channels, Pixels);

    public void ToChw(ReadOnlySpan<float> pixels, Span<float> planes) => Transpose(pixels, planes, Pixels, Channels);

    /// <summary>[rows, columns] to [columns, rows].</summary>
    private static void Transpose(ReadOnlySpan<float> from, Span<float> to, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                to[(column * rows) + row] = from[(row * columns) + column];
            }
        }
    }
}
