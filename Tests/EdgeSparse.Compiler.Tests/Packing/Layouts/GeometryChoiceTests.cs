using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing;

public sealed class GeometryChoiceTests
{
    [Fact]
    public void Grids_of_the_fewest_slots_come_first_and_those_with_two_percent_more_after_them()
    {
        // 16 regions of 7×111 are 777 slots, 4×4 regions of 28×28 are 784; 8×2 regions of 14×56 are 784 too.
        Assert.Equal(
            [(16, 1, 7, 111), (4, 4, 28, 28), (8, 2, 14, 56)],
            GeometryChoice.Grids(new PlaneShape(1, 111, 111), 16).Where(g => g.GridY >= g.GridX).Select(g => (g.GridY, g.GridX, g.RegionY, g.RegionX)));
    }

    [Fact]
    public void Grids_with_more_slots_are_none_to_choose()
    {
        // 14×14 pixels: 8×2 and 2×8 regions take 14 slots, 4×4 regions of 4×4 take 16.
        Assert.All(GeometryChoice.Grids(new PlaneShape(1, 14, 14), 16), g => Assert.Equal(14, g.Slots));
    }
}
