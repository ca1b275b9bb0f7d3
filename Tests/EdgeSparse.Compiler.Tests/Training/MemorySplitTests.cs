using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class MemorySplitTests
{
    [Fact]
    public void Samples_are_read_from_their_source_once()
    {
        Counting source = new(5);
        DataSplit split = MemorySplit.Of(source, 2);
        Assert.Equal(0, source.Reads);
        float[] sample = new float[2];
        for (int i = 0; i < 20; i++)
        {
            split.Read(i % 5, sample);
            Assert.Equal([i % 5, -(i % 5)], sample);
            Assert.Equal(i % 5, split.LabelOf(i % 5));
        }

        Assert.Equal(5, source.Reads);
        Assert.Same(split, MemorySplit.Of(split, 2));
    }

    [Fact]
    public void What_does_not_fit_stays_where_it_is()
    {
        Counting source = new(10_000);
        Assert.Same(source, MemorySplit.Of(source, 3 * 224 * 224));
    }

    private sealed class Counting(int count) : DataSplit
    {
        private int reads;

        public int Reads => reads;

        public override int Count => count;

        public override int LabelOf(int index) => index;

        public override void Read(int index, Span<float> destination)
        {
            Interlocked.Increment(ref reads);
            (destination[0], destination[1]) = (index, -index);
        }
    }
}
