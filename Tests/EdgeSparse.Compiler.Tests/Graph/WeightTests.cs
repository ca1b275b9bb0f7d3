using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class WeightTests
{
    private static readonly TensorShape Shape = new(2, 3);

    [Fact]
    public void A_masked_weight_is_zero_wherever_the_mask_is_false()
    {
        Weight weight = new("w", Shape, [1, 2, 3, 4, 5, 6], [true, false, true, false, true, false]);
        Assert.Equal([1, 0, 3, 0, 5, 0], weight.Values.ToArray());
        Assert.Equal((3, 3, 0.5), (weight.KeptCount, weight.NonZeroCount, weight.Density));
    }

    [Fact]
    public void The_mask_stays_when_values_change_and_zeroes_them_again()
    {
        Weight weight = new Weight("w", Shape, new float[6], [true, false, true, false, true, false]).With([9, 9, 9, 9, 9, 9]);
        Assert.Equal([9, 0, 9, 0, 9, 0], weight.Values.ToArray());
        Assert.Equal([9, 9, 0, 0, 0, 0], weight.With([9, 9, 9, 9, 9, 9], [true, true, false, false, false, false]).Values.ToArray());
        Assert.Equal([9, 0, 9, 0, 9, 0], weight.Renamed("v").Values.ToArray());
    }

    [Fact]
    public void A_kept_weight_may_be_zero_and_an_unpruned_one_has_no_mask()
    {
        Weight kept = new("w", Shape, [0, 1, 2, 3, 4, 5], [true, true, true, true, true, false]);
        Assert.Equal((5, 4), (kept.KeptCount, kept.NonZeroCount));
        Weight dense = new("w", Shape, [0, 1, 2, 3, 4, 5]);
        Assert.Null(dense.Mask);
        Assert.Equal((6, 1.0), (dense.KeptCount, dense.Density));
    }

    [Fact]
    public void Values_and_mask_are_copies()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        bool[] mask = [true, true, true, true, true, true];
        Weight weight = new("w", Shape, values, mask);
        values[0] = 7;
        mask[1] = false;
        Assert.Equal([1, 2, 3, 4, 5, 6], weight.Values.ToArray());
        Assert.Equal(6, weight.KeptCount);
    }

    [Fact]
    public void Lengths_that_do_not_match_the_shape_are_refused()
    {
        Assert.Equal("weight 'w' has 5 values for the shape 2×3", Assert.Throws<GraphException>(() => new Weight("w", Shape, new float[5])).Message);
        Assert.Equal(
            "weight 'w' has a mask of 4 entries for 6 values",
            Assert.Throws<GraphException>(() => new Weight("w", Shape, new float[6], new bool[4])).Message);
        Assert.Throws<GraphException>(() => new Weight("w", new TensorShape(TensorShape.Symbolic, 3), new float[3]));
    }
}
