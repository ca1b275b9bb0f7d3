using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Pictures;

namespace EdgeSparse.Compiler.Training;

/// <summary>Samples of another split, decoded once and kept in memory; filled at the first reading.</summary>
internal sealed class MemorySplit : DataSplit
{
    private const long LargestBytes = 2L << 30;

    private readonly DataSplit source;
    private readonly Lazy<float[]> samples;
    private readonly int elements;

    private MemorySplit(DataSplit source, int elements)
    {
        this.source = source;
        this.elements = elements;
        samples = new Lazy<float[]>(ReadAll);
    }

    public override int Count => source.Count;

    /// <summary>The split kept in memory, or itself where it is already, or where it is larger than 2 GiB or a quarter of the memory.</summary>
    /// <param name="split">Any split.</param>
    /// <param name="elements">Values of one sample.</param>
    public static DataSplit Of(DataSplit split, int elements)
    {
        long bytes = (long)elements * sizeof(float) * split.Count;
        return split is MemorySplit || bytes > Math.Min(LargestBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4)
            ? split
            : new MemorySplit(split, elements);
    }

    public override bool IsLabelled => source.IsLabelled;

    public override bool HasOriginals => source.HasOriginals;

    public override int LabelOf(int index) => source.LabelOf(index);

    /// <summary>Every part is another: they come from the source, and what only parts are read of is never kept.</summary>
    public override void ReadPart(int index, Func<int, int, PicturePart> choose, Span<float> destination) =>
        source.ReadPart(index, choose, destination);

    public override void Read(int index, Span<float> destination) =>
        samples.Value.AsSpan(index * elements, elements).CopyTo(destination);

    private float[] ReadAll()
    {
        float[] all = new float[elements * source.Count];
        Parallel.For(0, source.Count, i => source.Read(i, all.AsSpan(i * elements, elements)));
        return all;
    }
}
