namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Gathers rows into slices so that few lanes are padded: rows with about as many weights first, then rows of different slices
/// change places where that makes the two shorter.
/// </summary>
internal static class RowGrouping
{
    /// <summary>Exchanges tried for each row: most of what many more would give (a tenth fewer units at 92 % sparsity).</summary>
    private const int TriesPerRow = 256;

    /// <summary>Lanes of units that all exchanges of a layer may look at, which bounds the time for the largest layers.</summary>
    private const long MostLanes = 1L << 26;

    /// <returns>The row in each lane, slice by slice, −1 in lanes that no row is left for, which are the last ones.</returns>
    public static int[] Group(SliceUnits units, int lanes)
    {
        int[] map = Sort(units, lanes);
        Exchange(units, lanes, map);
        return map;
    }

    /// <summary>Rows by their number of weights, most first; a single slice has them in order.</summary>
    public static int[] Sort(SliceUnits units, int lanes)
    {
        int[] map = new int[(((units.Rows - 1) / lanes) + 1) * lanes];
        Array.Fill(map, -1);
        IEnumerable<int> rows = Enumerable.Range(0, units.Rows);
        int place = 0;
        foreach (int row in map.Length == lanes ? rows : rows.OrderByDescending(units.WeightsOf))
        {
            map[place++] = row;
        }

        return map;
    }

    /// <summary>
    /// Tries exchanges of two lanes of two slices, drawn from a fixed sequence so that packing stays reproducible. One that
    /// changes nothing is made too: it opens others.
    /// </summary>
    private static void Exchange(SliceUnits units, int lanes, int[] map)
    {
        int slices = map.Length / lanes;
        if (slices < 2)
        {
            return;
        }

        int[] lengths = [.. Enumerable.Range(0, slices).Select(s => units.Count(map.AsSpan(s * lanes, lanes)))];
        long work = 2 * (lengths.Sum(l => (long)l) * lanes / slices);
        uint state = 2463534242;
        for (long tries = Math.Min((long)TriesPerRow * units.Rows, MostLanes / Math.Max(work, 1)); tries > 0; tries--)
        {
            int from = (int)Next(ref state, (uint)units.Rows);
            int to = (int)Next(ref state, (uint)units.Rows);
            int first = from / lanes;
            int second = to / lanes;
            if (first == second)
            {
                continue;
            }

            (map[from], map[to]) = (map[to], map[from]);
            int before = lengths[first] + lengths[second];
            int firstLength = units.Count(map.AsSpan(first * lanes, lanes));
            int secondLength = firstLength > before ? 0 : units.Count(map.AsSpan(second * lanes, lanes));
            if (firstLength + secondLength <= before)
            {
                (lengths[first], lengths[second]) = (firstLength, secondLength);
            }
            else
            {
                (map[from], map[to]) = (map[to], map[from]);
            }
        }
    }

    /// <summary>Marsaglia's xorshift, brought to [0, limit) by multiplication.</summary>
    private static uint Next(ref uint state, uint limit)
    {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return (uint)(((ulong)state * limit) >> 32);
    }
}
