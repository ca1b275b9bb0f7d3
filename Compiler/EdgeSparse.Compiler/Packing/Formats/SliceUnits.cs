namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// The units that a slice of rows needs. A unit's window begins at the first column that a row of the slice still has, rounded
/// down to the step; each row puts its next weights into it, as many as lie in the window and as the unit has entries. For given
/// rows there is no shorter way: some window must hold that first column, none that begins earlier holds more of what is left,
/// and rows lose nothing by taking their weights in order.
/// </summary>
internal sealed class SliceUnits
{
    private readonly SliceShape shape;

    /// <summary>Columns of the non-zeros, row by row, each row followed by <see cref="int.MaxValue"/>.</summary>
    private readonly int[] columns;
    private readonly int[] rowStart;
    private readonly int[] next;

    public SliceUnits(WeightMatrix matrix, SliceShape shape)
    {
        this.shape = shape;
        rowStart = new int[matrix.Rows + 1];
        next = new int[shape.Lanes];
        List<int> all = new(checked(matrix.Weight.NonZeroCount + matrix.Rows));
        for (int row = 0; row < matrix.Rows; row++)
        {
            ReadOnlySpan<float> weights = matrix.Row(row);
            for (int column = 0; column < weights.Length; column++)
            {
                if (weights[column] != 0)
                {
                    all.Add(column);
                }
            }

            all.Add(int.MaxValue);
            rowStart[row + 1] = all.Count;
        }

        columns = [.. all];
    }

    public int Rows => rowStart.Length - 1;

    /// <summary>Non-zeros of a row.</summary>
    public int WeightsOf(int row) => rowStart[row + 1] - rowStart[row] - 1;

    /// <summary>Units of a slice.</summary>
    /// <param name="rows">Its rows, −1 for a lane without one.</param>
    public int Count(ReadOnlySpan<int> rows)
    {
        int units = 0;
        for (int first = Begin(rows); first != int.MaxValue; units++)
        {
            int end = first - (first % shape.Step) + shape.Window;
            first = int.MaxValue;
            for (int lane = 0; lane < rows.Length; lane++)
            {
                int at = next[lane];
                for (int most = at + shape.Entries; at < most && columns[at] < end;)
                {
                    at++;
                }

                next[lane] = at;
                first = Math.Min(first, columns[at]);
            }
        }

        return units;
    }

    /// <summary>The units of a slice, in the order of their windows.</summary>
    /// <param name="rows">Its rows, −1 for a lane without one.</param>
    public List<SliceUnit> Of(ReadOnlySpan<int> rows)
    {
        List<SliceUnit> units = [];
        for (int first = Begin(rows); first != int.MaxValue;)
        {
            int start = first - (first % shape.Step);
            int[] taken = new int[shape.Entries * shape.Lanes];
            Array.Fill(taken, -1);
            first = int.MaxValue;
            for (int lane = 0; lane < rows.Length; lane++)
            {
                for (int entry = 0; entry < shape.Entries && columns[next[lane]] < start + shape.Window; entry++)
                {
                    taken[(entry * shape.Lanes) + lane] = columns[next[lane]++];
                }

                first = Math.Min(first, columns[next[lane]]);
            }

            units.Add(new SliceUnit(start, taken));
        }

        return units;
    }

    /// <summary>Goes back to the first weights; returns the first column of all.</summary>
    private int Begin(ReadOnlySpan<int> rows)
    {
        int first = int.MaxValue;
        for (int lane = 0; lane < rows.Length; lane++)
        {
            // A lane without a row stands at the end of some row.
            next[lane] = rows[lane] < 0 ? columns.Length - 1 : rowStart[rows[lane]];
            first = Math.Min(first, columns[next[lane]]);
        }

        return first;
    }
}

/// <summary>Entries that share a window.</summary>
/// <param name="Start">The window's first column.</param>
/// <param name="Columns">[entries, lanes]: the column of each weight, −1 where the lane has none.</param>
internal readonly record struct SliceUnit(int Start, int[] Columns);
