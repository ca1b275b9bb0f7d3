using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Data;

/// <summary>Samples without labels as a data set of two parts.</summary>
internal static class InputSplits
{
    private const int TestEvery = 6;

    /// <summary>Every sixth sample is for measuring, as of labelled files in one part; of fewer than six, all are for both.</summary>
    public static Dataset Of(string name, TensorShape sampleShape, InputScaling scaling, DataSplit all)
    {
        UnlabelledSplit samples = new(all);
        if (samples.Count < TestEvery)
        {
            return new Dataset(name, sampleShape, [], scaling, samples, samples);
        }

        int[] indices = [.. Enumerable.Range(0, samples.Count)];
        return new Dataset(
            name,
            sampleShape,
            [],
            scaling,
            new Chosen(samples, [.. indices.Where(i => i % TestEvery != TestEvery - 1)]),
            new Chosen(samples, [.. indices.Where(i => i % TestEvery == TestEvery - 1)]));
    }

    private sealed class Chosen(UnlabelledSplit samples, int[] indices) : DataSplit
    {
        public override int Count => indices.Length;

        public override bool IsLabelled => false;

        public override int LabelOf(int index) => samples.LabelOf(indices[index]);

        public override void Read(int index, Span<float> destination) => samples.Read(indices[index], destination);
    }
}
