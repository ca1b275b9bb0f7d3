using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class GranularityTests
{
    [Theory]
    [InlineData("weight", 1, 1, null)]
    [InlineData("1x4", 1, 4, null)]
    [InlineData("4x1", 4, 1, null)]
    [InlineData("8x1", 8, 1, null)]
    [InlineData("16x1", 16, 1, null)]
    [InlineData("4x4", 4, 4, null)]
    [InlineData("2:4", 1, 4, 0.5)]
    [InlineData("4:8", 1, 8, 0.5)]
    public void A_name_says_the_size(string name, int rows, int columns, double? share)
    {
        Granularity granularity = Granularity.Find(name)!;
        Assert.Equal((name, rows, columns, share), (granularity.ToString(), granularity.Rows, granularity.Columns, granularity.FixedDensity));
    }

    [Theory]
    [InlineData("4X1")]
    [InlineData("3x3")]
    [InlineData("")]
    public void Another_name_is_none(string name) => Assert.Null(Granularity.Find(name));

    [Theory]
    [InlineData("32,1,3,3", 32, "is a depthwise convolution", "weight")]
    [InlineData("64,1,3,3", 32, "is a depthwise convolution", "weight")]
    [InlineData("20,1,5,5", 1, "has only one input channel", "weight 4x1 8x1 16x1")]
    [InlineData("1,8,1,1", 1, "has only one output channel", "weight 1x4 2:4 4:8")]
    [InlineData("4,8,1,1", 4, "has only one output channel a group", "weight 1x4 2:4 4:8")]
    [InlineData("6,3,3,3", 2, null, "weight 1x4 4x1 8x1 16x1 4x4 2:4 4:8")]
    public void A_granularity_needs_more_than_one_channel_in_its_directions(string shape, int groups, string? misfit, string fits)
    {
        LayerSample layer = Layer(shape, groups);
        Assert.Equal(fits, string.Join(' ', Granularity.All.Where(g => g.MisfitOf(layer.Node, layer.Weight.Shape) is null)));
        Assert.Equal(misfit, Granularity.Block4x4.MisfitOf(layer.Node, layer.Weight.Shape));
    }

    private static LayerSample Layer(string dims, int groups)
    {
        TensorShape shape = new([.. dims.Split(',').Select(int.Parse)]);
        return LayerSample.Conv(shape, groups, new float[shape.ElementCount]);
    }
}
