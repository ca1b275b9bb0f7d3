using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class WeightTests
{
    [Fact]
    public void A_weight_that_was_never_pruned_has_no_mask()
    {
        Weight weight = new("w", new TensorShape(2, 2), [1f, 2f, 3f, 4f]);
        Assert.False(weight.Mask.HasValue);
        Assert.Equal(4, weight.KeptCount);
        Assert.False(weight.With([5f, 6f, 7f, 8f]).Mask.HasValue);
    }

    [Fact]
    public void Values_outside_the_mask_are_zero_and_stay_zero()
    {
        Weight weight = new("w", new TensorShape(4), [1f, 2f, 3f, 4f], [true, false, false, true]);
        Assert.Equal([1f, 0f, 0f, 4f], weight.Values.ToArray());
        Assert.Equal([9f, 0f, 0f, 0f], weight.With([9f, 8f, 7f, 0f]).Values.ToArray());
        Assert.Equal(2, weight.KeptCount);
        Assert.Equal(0.5, weight.Density);
    }
}
