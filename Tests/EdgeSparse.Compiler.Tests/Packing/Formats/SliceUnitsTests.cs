using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

public sealed class SliceUnitsTests
{
    [Fact]
    public void A_window_begins_at_the_first_column_left_and_each_row_puts_as_many_weights_into_it_as_the_unit_has_entries()
    {
        SliceUnits units = Of(new SliceShape(2, 4, 2, 1), 20, [3, 5, 6, 12], [4, 9, 10, 11]);
        List<SliceUnit> of = units.Of([0, 1]);

        // Columns 3 to 6, then 6 to 9, 10 to 13: the entries of both rows.
        Assert.Equal([3, 6, 10], of.Select(u => u.Start));
        Assert.Equal([[3, 4, 5, -1], [6, 9, -1, -1], [12, 10, -1, 11]], of.Select(u => u.Columns));
        Assert.Equal(3, units.Count([0, 1]));
    }

    [Fact]
    public void Windows_begin_at_multiples_of_the_step()
    {
        SliceUnits units = Of(new SliceShape(1, 8, 1, 4), 30, [3, 5, 29]);
        Assert.Equal([0, 4, 28], units.Of([0]).Select(u => u.Start));
    }

    [Fact]
    public void Lanes_and_rows_without_weights_need_none()
    {
        SliceUnits units = Of(new SliceShape(2, 4, 1, 1), 4, [2], []);
        Assert.Equal([2, -1], Assert.Single(units.Of([0, -1])).Columns);
        Assert.Equal(0, units.Count([-1, 1]));
        Assert.Equal((1, 0), (units.WeightsOf(0), units.WeightsOf(1)));
    }

    [Fact]
    public void Counting_and_listing_agree_and_every_weight_is_in_one_unit()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            SliceShape shape = SliceShape.ForLanes(PackOptions.SupportedLanes[seed % 3]);
            SliceUnits units = Random(seed, shape.Lanes, 150, seed / 20.0, shape);
            int[] rows = [.. Enumerable.Range(0, shape.Lanes)];
            List<SliceUnit> of = units.Of(rows);
            Assert.Equal(of.Count, units.Count(rows));
            Assert.Equal(rows.Sum(units.WeightsOf), of.Sum(u => u.Columns.Count(c => c >= 0)));
            Assert.All(of, u => Assert.All(u.Columns, c => Assert.True(c < 0 || (c >= u.Start && c < u.Start + shape.Window))));
        }
    }

    internal static SliceUnits Random(int seed, int rows, int columns, double density, SliceShape shape)
    {
        Random random = new(seed);
        return Of(
            shape, columns,
            [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Where(_ => random.NextDouble() < density).ToArray())]);
    }

    /// <param name="shape">Of the slices.</param>
    /// <param name="columns">Columns of the weight.</param>
    /// <param name="rows">The columns in which each row has a weight.</param>
    internal static SliceUnits Of(SliceShape shape, int columns, params int[][] rows)
    {
        float[] values = new float[rows.Length * columns];
        for (int row = 0; row < rows.Length; row++)
        {
            foreach (int column in rows[row])
            {
                values[(row * columns) + column] = 1;
            }
        }

        return new SliceUnits(
            new WeightMatrix("layer", new Weight("w", new TensorShape(rows.Length, columns), values), new float[rows.Length], 1, []), shape);
    }
}
