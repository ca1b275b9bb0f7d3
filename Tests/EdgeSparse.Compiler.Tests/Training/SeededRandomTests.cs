using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class SeededRandomTests
{
    [Fact]
    public void A_sequence_depends_on_seed_purpose_and_index()
    {
        ulong[] firsts =
        [
            new SeededRandom(1, RandomPurpose.Shuffling, 0).NextUInt64(),
            new SeededRandom(2, RandomPurpose.Shuffling, 0).NextUInt64(),
            new SeededRandom(1, RandomPurpose.Augmentation, 0).NextUInt64(),
            new SeededRandom(1, RandomPurpose.Shuffling, 1).NextUInt64(),
        ];
        Assert.Equal(4, firsts.Distinct().Count());
        Assert.Equal(firsts[0], new SeededRandom(1, RandomPurpose.Shuffling, 0).NextUInt64());
    }

    [Fact]
    public void Numbers_below_a_bound_are_even()
    {
        SeededRandom random = new(11, RandomPurpose.Augmentation, 3);
        int[] counts = new int[5];
        for (int i = 0; i < 50_000; i++)
        {
            counts[random.Next(5)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void A_shuffle_keeps_every_value_once()
    {
        int[] values = [.. Enumerable.Range(0, 1000)];
        new SeededRandom(1, RandomPurpose.Shuffling, 0).Shuffle(values);
        Assert.NotEqual(Enumerable.Range(0, 1000), values);
        Assert.Equal(Enumerable.Range(0, 1000), values.Order());
    }
}
