using EdgeSparse.Compiler.Data.Pictures;

namespace EdgeSparse.Compiler.Data;

/// <summary>Samples whose classes nobody knows, or that mean nothing to the network at hand.</summary>
public sealed class UnlabelledSplit(DataSplit samples) : DataSplit
{
    public override int Count => samples.Count;

    public override bool IsLabelled => false;

    public override bool HasOriginals => samples.HasOriginals;

    /// <exception cref="DataException">Always: ask <see cref="IsLabelled"/> first.</exception>
    public override int LabelOf(int index) => throw new DataException($"sample {index} has no label");

    public override void Read(int index, Span<float> destination) => samples.Read(index, destination);

    public override void ReadPart(int index, Func<int, int, PicturePart> choose, Span<float> destination) =>
        samples.ReadPart(index, choose, destination);
}
