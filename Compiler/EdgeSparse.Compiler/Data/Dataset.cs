using System.Collections.Immutable;
using EdgeSparse.Compiler.Data.Pictures;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Data;

/// <summary>A set in two parts, labelled or not, with the scaling that its pixels usually get.</summary>
/// <param name="Name">As in recipes and messages, for example <c>mnist</c>.</param>
/// <param name="SampleShape">channels × rows × columns, or the features of a vector.</param>
/// <param name="ClassNames">One a class, in label order; none where samples have no labels.</param>
/// <param name="Scaling">Default mean and standard deviation per channel; a recipe may say otherwise.</param>
public sealed record Dataset(
    string Name, TensorShape SampleShape, ImmutableArray<string> ClassNames, InputScaling Scaling, DataSplit Train, DataSplit Test)
{
    /// <summary>Whether the samples have labels.</summary>
    public bool IsLabelled => Train.IsLabelled && Test.IsLabelled;

    /// <summary>The same samples without their labels.</summary>
    public Dataset WithoutLabels() => IsLabelled
        ? this with { ClassNames = [], Train = new UnlabelledSplit(Train), Test = new UnlabelledSplit(Test) }
        : this;
}

/// <summary>Samples and labels of one part of a set. Reading is thread-safe.</summary>
public abstract class DataSplit
{
    public abstract int Count { get; }

    /// <summary>Whether samples have classes.</summary>
    public virtual bool IsLabelled => true;

    /// <summary>The class of a sample, 0-based.</summary>
    public abstract int LabelOf(int index);

    /// <summary>Writes a sample: pixel/255 in channel-row-column order (or the features as stored), unscaled.</summary>
    /// <param name="index">0 to Count − 1.</param>
    /// <param name="destination">Exactly one sample long.</param>
    /// <exception cref="DataException">The sample cannot be read or decoded.</exception>
    public abstract void Read(int index, Span<float> destination);

    /// <summary>
    /// Whether samples are pictures of any size, decoded when they are read: then <see cref="ReadPart"/> works, and it pays to read
    /// several at once.
    /// </summary>
    public virtual bool HasOriginals => false;

    /// <summary>Writes a part of a sample's picture, brought to the sample's size, in the form of <see cref="Read"/>.</summary>
    /// <param name="index">0 to Count − 1.</param>
    /// <param name="choose">Chooses the part from the width and height of the picture.</param>
    /// <param name="destination">Exactly one sample long.</param>
    /// <exception cref="DataException">The sample cannot be read or decoded, or is no picture of its own size.</exception>
    public virtual void ReadPart(int index, Func<int, int, PicturePart> choose, Span<float> destination) =>
        throw new DataException("parts of pictures can be read from a folder of pictures alone");

    /// <summary>The first <paramref name="count"/> samples, or all when there are fewer.</summary>
    public DataSplit Take(int count) => count >= Count ? this : new Slice(this, 0, count);

    /// <summary>Samples from <paramref name="start"/> on.</summary>
    public DataSplit Skip(int start) => new Slice(this, Math.Min(start, Count), Count - Math.Min(start, Count));

    private sealed class Slice(DataSplit whole, int start, int count) : DataSplit
    {
        public override int Count => count;

        public override bool IsLabelled => whole.IsLabelled;

        public override int LabelOf(int index) => whole.LabelOf(start + Checked(index));

        public override bool HasOriginals => whole.HasOriginals;

        public override void Read(int index, Span<float> destination) => whole.Read(start + Checked(index), destination);

        public override void ReadPart(int index, Func<int, int, PicturePart> choose, Span<float> destination) =>
            whole.ReadPart(start + Checked(index), choose, destination);

        private int Checked(int index) =>
            (uint)index < (uint)count ? index : throw new ArgumentOutOfRangeException(nameof(index));
    }
}
