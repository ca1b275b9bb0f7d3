using CsCheck;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

public sealed class RowGroupingTests
{
    [Fact]
    public void Rows_that_use_the_same_windows_share_a_slice()
    {
        // Two windows; rows 0 and 3 use the first, 1 and 2 the second.
        byte[] counts = [4, 0, 0, 3, 0, 3, 4, 0];
        Assert.Equal([0, 3, 1, 2], RowGrouping.Group(counts, rows: 4, windows: 2, lanes: 2));
    }

    [Fact]
    public void A_slice_starts_with_the_fullest_row_and_prefers_the_fuller_of_rows_that_cost_the_same()
    {
        byte[] counts = [1, 5, 2, 5];
        Assert.Equal([1, 3, 2, 0], RowGrouping.Group(counts, rows: 4, windows: 1, lanes: 2));
    }

    [Fact]
    public void Lanes_without_a_row_are_marked()
    {
        Assert.Equal([0, -1, -1, -1], RowGrouping.Group([7], rows: 1, windows: 1, lanes: 4));
    }

    [Fact]
    public void Every_row_gets_one_lane() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 70], Gen.Int[0, 2], Gen.Int).Sample((rows, windows, width, seed) =>
        {
            int lanes = PackOptions.SupportedLanes[width];
            Random random = new(seed);
            byte[] counts = new byte[rows * windows];
            for (int i = 0; i < counts.Length; i++)
            {
                counts[i] = (byte)random.Next(0, 5);
            }

            int[] map = RowGrouping.Group(counts, rows, windows, lanes);
            Assert.Equal(Enumerable.Range(0, rows), map.Where(r => r >= 0).Order());
            Assert.Equal((rows + lanes - 1) / lanes * lanes, map.Length);
        });
}
