using System.Numerics.Tensors;

namespace EdgeSparse.Compiler.Data.Pictures;

/// <summary>Pictures that are decoded when they are read, and kept decoded as far as 1 GiB goes.</summary>
internal sealed class PictureSplit(IReadOnlyList<(string Path, int Label)> pictures, int channels, int size) : DataSplit
{
    private const long MostKeptBytes = 1L << 30;
    private readonly int sampleSize = channels * size * size;
    private readonly byte[]?[] kept = new byte[(int)Math.Min(pictures.Count, MostKeptBytes / (channels * size * size))][];

    public override int Count => pictures.Count;

    public override bool HasOriginals => true;

    public override int LabelOf(int index) => pictures[index].Label;

    public override void Read(int index, Span<float> destination)
    {
        if (destination.Length != sampleSize)
        {
            throw new ArgumentException($"a sample has {sampleSize} values, not {destination.Length}", nameof(destination));
        }

        byte[]? planes = index < kept.Length ? Volatile.Read(ref kept[index]) : null;
        if (planes is null)
        {
            planes = new byte[sampleSize];
            Picture.Decode(pictures[index].Path, size, planes, channels);
            if (index < kept.Length)
            {
                // Two threads that meet here decode the same bytes; either may stay.
                Volatile.Write(ref kept[index], planes);
            }
        }

        ToUnit(planes, destination);
    }

    public override void ReadPart(int index, Func<int, int, PicturePart> choose, Span<float> destination)
    {
        byte[] planes = new byte[sampleSize];
        Picture.DecodePart(pictures[index].Path, size, planes, channels, choose);
        ToUnit(planes, destination);
    }

    private static void ToUnit(byte[] planes, Span<float> destination)
    {
        TensorPrimitives.ConvertTruncating<byte, float>(planes, destination);
        TensorPrimitives.Divide(destination, 255f, destination);
    }
}
