namespace EdgeSparse.Compiler.Data.Synthetic;

/// <summary>One part of the synthetic digits, written as a whole at the first look at a sample and kept in memory.</summary>
internal sealed class SyntheticSplit(ulong seed, ulong stream, int count) : DataSplit
{
    private const int SampleSize = DigitWriter.Side * DigitWriter.Side;
    private const int Classes = 10;
    private readonly Lazy<PixelSplit> samples = new(() => WriteAll(seed, stream, count));

    public override int Count => count;

    public override int LabelOf(int index) => samples.Value.LabelOf(index);

    public override void Read(int index, Span<float> destination) => samples.Value.Read(index, destination);

    private static PixelSplit WriteAll(ulong seed, ulong stream, int count)
    {
        byte[] pixels = new byte[count * SampleSize];
        int[] labels = new int[count];
        Parallel.For(
            0,
            count,
            () => new DigitWriter(),
            (index, _, writer) =>
            {
                SplitMix64 random = SplitMix64.At(seed, stream, (ulong)index);
                labels[index] = random.Below(Classes);
                writer.Write(labels[index], ref random, pixels.AsSpan(index * SampleSize, SampleSize));
                return writer;
            },
            _ => { });
        return new PixelSplit(pixels, labels, SampleSize);
    }
}
