using CsCheck;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

public sealed class RowGroupingTests
{
    private static readonly SliceShape TwoLanes = new(2, 4, 1, 1);

    [Fact]
    public void Rows_with_the_most_weights_come_first_and_equals_keep_their_order() => Assert.Equal(
        [1, 3, 2, 0],
        RowGrouping.Sort(Units(TwoLanes, 8, [0], [0, 1, 2], [3, 4], [5, 6, 7]), lanes: 2));

    [Fact]
    public void Rows_that_use_the_same_columns_end_up_in_one_slice()
    {
        // Two windows; rows 0 and 3 use the first, 1 and 2 the second.
        int[] map = RowGrouping.Group(Units(TwoLanes, 8, [0, 1], [4, 5], [5, 6], [2, 3]), lanes: 2);
        Assert.Equal([[0, 3], [1, 2]], map.Chunk(2).Select(slice => slice.Order().ToArray()).OrderBy(slice => slice[0]));
    }

    [Fact]
    public void A_single_slice_keeps_its_rows_in_order_and_lanes_without_a_row_are_marked() =>
        Assert.Equal([0, 1, -1, -1], RowGrouping.Group(Units(new SliceShape(4, 4, 1, 1), 8, [7], [2, 3]), lanes: 4));

    [Fact]
    public void Every_row_gets_one_lane_the_last_lanes_are_free_and_exchanges_only_shorten_the_slices() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 200], Gen.Int[0, 2], Gen.Int).Sample(
            (rows, columns, width, seed) =>
            {
                SliceShape shape = SliceShape.ForLanes(PackOptions.SupportedLanes[width]);
                SliceUnits units = SliceUnitsTests.Random(seed, rows, columns, 0.1, shape);
                int[] map = RowGrouping.Group(units, shape.Lanes);
                Assert.Equal(Enumerable.Range(0, rows), map.Take(rows).Order());
                Assert.All(map.Skip(rows), row => Assert.Equal(-1, row));
                Assert.Equal((rows + shape.Lanes - 1) / shape.Lanes * shape.Lanes, map.Length);
                Assert.True(Count(units, shape, map) <= Count(units, shape, RowGrouping.Sort(units, shape.Lanes)));
            },
            iter: 30);

    [Theory]
    [InlineData(16, 0.67, 0.72)]
    [InlineData(8, 0.62, 0.68)]
    [InlineData(4, 0.66, 0.73)]
    public void Random_rows_at_92_percent_sparsity_fill_two_thirds_of_the_lanes_sorted_and_more_exchanged(
        int lanes, double sorted, double exchanged)
    {
        SliceShape shape = SliceShape.ForLanes(lanes);
        SliceUnits units = SliceUnitsTests.Random(1, 300, 784, 0.08, shape);
        double weights = Enumerable.Range(0, 300).Sum(units.WeightsOf);
        double Fill(int[] map) => weights / (Count(units, shape, map) * shape.Entries * shape.Lanes);
        Assert.Equal(sorted, Fill(RowGrouping.Sort(units, shape.Lanes)), 0.01);
        Assert.Equal(exchanged, Fill(RowGrouping.Group(units, shape.Lanes)), 0.01);
    }

    private static int Count(SliceUnits units, SliceShape shape, int[] map) => map.Chunk(shape.Lanes).Sum(slice => units.Count(slice));

    private static SliceUnits Units(SliceShape shape, int columns, params int[][] rows) => SliceUnitsTests.Of(shape, columns, rows);
}
