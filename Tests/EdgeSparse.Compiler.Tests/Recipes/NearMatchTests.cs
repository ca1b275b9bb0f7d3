using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Tests.Recipes;

public sealed class NearMatchTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("trian", "train", 1)]
    [InlineData("ca", "abc", 3)]
    [InlineData("sparsty", "sparsity", 1)]
    public void Distance_counts_swaps_of_neighbours_as_one(string a, string b, int distance)
    {
        Assert.Equal(distance, NearMatch.Distance(a, b));
        Assert.Equal(distance, NearMatch.Distance(b, a));
    }

    [Theory]
    [InlineData("Epoch", "epochs")]
    [InlineData("batchsize", "batchSize")]
    [InlineData("lr", null)]
    [InlineData("zzzzzz", null)]
    public void The_nearest_name_is_offered_unless_it_is_far(string word, string? near) =>
        Assert.Equal(near, NearMatch.Of(word, ["epochs", "batchSize", "optimizer"]));
}
