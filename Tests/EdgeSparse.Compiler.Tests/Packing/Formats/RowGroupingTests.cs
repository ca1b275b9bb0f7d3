using CsCheck;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

public sealed class RowGroupingTests
{
    [Fact]
    public void Rows_that_use_the_same_windows_share_a_slice()
    {
        // Two windows; rows 0 and 3 use the first, 1 and 2 the second.
        WindowCounts counts = new(4, [4, 0, 0, 3, 0, 3, 4, 0]);
        Assert.Equal([0, 3, 1, 2], RowGrouping.Fill(counts, lanes: 2));
    }

    [Fact]
    public void A_slice_starts_with_the_fullest_row_and_prefers_the_fuller_of_rows_that_cost_the_same() =>
        Assert.Equal([1, 3, 2, 0], RowGrouping.Fill(new WindowCounts(4, [1, 5, 2, 5]), lanes: 2));

    [Fact]
    public void Lanes_without_a_row_are_marked() =>
        Assert.Equal([0, -1, -1, -1], RowGrouping.Group(new WindowCounts(1, [7]), lanes: 4));

    [Fact]
    public void Every_row_gets_one_lane_and_exchanges_only_shorten_the_slices() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 70], Gen.Int[0, 2], Gen.Int).Sample(
            (rows, windows, width, seed) =>
            {
                int lanes = PackOptions.SupportedLanes[width];
                Random random = new(seed);
                byte[] table = new byte[rows * windows];
                for (int i = 0; i < table.Length; i++)
                {
                    table[i] = (byte)random.Next(0, 5);
                }

                WindowCounts counts = new(rows, table);
                int[] map = RowGrouping.Group(counts, lanes);
                Assert.Equal(Enumerable.Range(0, rows), map.Where(r => r >= 0).Order());
                Assert.Equal((rows + lanes - 1) / lanes * lanes, map.Length);
                Assert.True(Entries(table, windows, lanes, map) <= Entries(table, windows, lanes, RowGrouping.Fill(counts, lanes)));
            },
            iter: 30);

    [Fact]
    public void Random_rows_at_92_percent_sparsity_fill_more_than_half_of_the_lanes()
    {
        Random random = new(1);
        byte[] table = new byte[300 * 25];
        for (int i = 0; i < 300 * 784; i++)
        {
            table[(i / 784 * 25) + (i % 784 / 32)] += (byte)(random.NextDouble() < 0.08 ? 1 : 0);
        }

        double Fill(int[] map) => table.Sum(count => count) / (16.0 * Entries(table, 25, 16, map));
        WindowCounts counts = new(300, table);
        Assert.Equal(0.45, Fill([.. Enumerable.Range(0, 300), -1, -1, -1, -1]), 0.01);
        Assert.Equal(0.51, Fill(RowGrouping.Fill(counts, 16)), 0.01);
        Assert.Equal(0.535, Fill(RowGrouping.Group(counts, 16)), 0.01);
    }

    private static int Entries(byte[] table, int windows, int lanes, int[] map) => map.Chunk(lanes).Sum(slice =>
        Enumerable.Range(0, windows).Sum(w => slice.Max(row => row < 0 ? 0 : table[(row * windows) + w])));
}
