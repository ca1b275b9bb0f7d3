using System.Numerics.Tensors;

namespace EdgeSparse.Compiler.Data;

/// <summary>Samples kept in memory as bytes, each channel-row-column, one after another.</summary>
public sealed class PixelSplit : DataSplit
{
    private readonly byte[] pixels;
    private readonly int[] labels;
    private readonly int sampleSize;

    /// <param name="pixels">Count × <paramref name="sampleSize"/> bytes.</param>
    /// <param name="labels">One a sample.</param>
    /// <param name="sampleSize">Channels × rows × columns.</param>
    public PixelSplit(byte[] pixels, int[] labels, int sampleSize)
    {
        if (pixels.Length != (long)labels.Length * sampleSize)
        {
            throw new ArgumentException($"{pixels.Length} bytes are not {labels.Length} samples of {sampleSize}", nameof(pixels));
        }

        (this.pixels, this.labels, this.sampleSize) = (pixels, labels, sampleSize);
    }

    public override int Count => labels.Length;

    public override int LabelOf(int index) => labels[index];

    /// <summary>The bytes of a sample as stored.</summary>
    public ReadOnlySpan<byte> PixelsOf(int index) => pixels.AsSpan(checked(index * sampleSize), sampleSize);

    public override void Read(int index, Span<float> destination)
    {
        if (destination.Length != sampleSize)
        {
            throw new ArgumentException($"a sample has {sampleSize} values, not {destination.Length}", nameof(destination));
        }

        TensorPrimitives.ConvertTruncating(PixelsOf(index), destination);
        TensorPrimitives.Divide(destination, 255f, destination);
    }
}
