namespace EdgeSparse.Compiler.Data;

/// <summary>Samples kept in memory as numbers, which are given as they are.</summary>
public sealed class FeatureSplit : DataSplit
{
    private readonly float[] features;
    private readonly int[] labels;
    private readonly int sampleSize;

    /// <param name="features">Count × <paramref name="sampleSize"/> values.</param>
    /// <param name="labels">One a sample.</param>
    /// <param name="sampleSize">Values of one sample.</param>
    public FeatureSplit(float[] features, int[] labels, int sampleSize)
    {
        if (features.Length != (long)labels.Length * sampleSize)
        {
            throw new ArgumentException($"{features.Length} values are not {labels.Length} samples of {sampleSize}", nameof(features));
        }

        (this.features, this.labels, this.sampleSize) = (features, labels, sampleSize);
    }

    public override int Count => labels.Length;

    public override int LabelOf(int index) => labels[index];

    public override void Read(int index, Span<float> destination)
    {
        if (destination.Length != sampleSize)
        {
            throw new ArgumentException($"a sample has {sampleSize} values, not {destination.Length}", nameof(destination));
        }

        features.AsSpan(checked(index * sampleSize), sampleSize).CopyTo(destination);
    }
}
