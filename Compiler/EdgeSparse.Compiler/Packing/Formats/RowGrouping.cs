namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Gathers rows into slices so that few lanes are padded. A slice costs the sum over windows of its longest lane. Greedily, each
/// slice starts with the fullest row left, then takes the row that makes it longer by the least, the fuller one of equals; then
/// rows of different slices change places where that makes the two shorter.
/// </summary>
internal static class RowGrouping
{
    /// <summary>Exchanges tried for each row: most of what many more would give (4 % fewer entries at 92 % sparsity).</summary>
    private const int TriesPerRow = 512;

    /// <summary>Counts that all exchanges of a layer may look at, which bounds the time for the largest layers.</summary>
    private const long MostCounts = 1L << 30;

    /// <returns>The row in each lane, slice by slice, −1 in lanes that no row is left for.</returns>
    public static int[] Group(WindowCounts counts, int lanes)
    {
        int[] map = Fill(counts, lanes);
        Exchange(counts, lanes, map);
        return map;
    }

    /// <summary>The greedy part.</summary>
    public static int[] Fill(WindowCounts counts, int lanes)
    {
        List<int> left = [.. Enumerable.Range(0, counts.Rows)];
        int[] totals = [.. left.Select(counts.TotalOf)];
        int[] map = new int[(((counts.Rows - 1) / lanes) + 1) * lanes];
        Array.Fill(map, -1);
        byte[] longest = [];
        for (int place = 0; place < counts.Rows; place++)
        {
            bool starts = place % lanes == 0;
            longest = starts ? counts.Longest([]) : longest;
            int chosen = starts ? Fullest(left, totals) : Closest(counts, left, totals, longest);
            map[place] = left[chosen];
            counts.Raise(longest, left[chosen]);
            left.RemoveAt(chosen);
        }

        return map;
    }

    private static int Fullest(List<int> left, int[] totals)
    {
        int best = 0;
        for (int i = 1; i < left.Count; i++)
        {
            best = totals[left[i]] > totals[left[best]] ? i : best;
        }

        return best;
    }

    /// <summary>Position in <paramref name="left"/> of the row that adds the fewest entries to the slice.</summary>
    private static int Closest(WindowCounts counts, List<int> left, int[] totals, byte[] longest)
    {
        int best = 0;
        int bestGrowth = int.MaxValue;
        for (int i = 0; i < left.Count; i++)
        {
            int growth = counts.Growth(longest, left[i]);
            if (growth < bestGrowth || (growth == bestGrowth && totals[left[i]] > totals[left[best]]))
            {
                best = i;
                bestGrowth = growth;
            }
        }

        return best;
    }

    /// <summary>
    /// Tries exchanges of two lanes of two slices, drawn from a fixed sequence so that packing stays reproducible. One that
    /// changes nothing is made too: it opens others.
    /// </summary>
    private static void Exchange(WindowCounts counts, int lanes, int[] map)
    {
        int slices = map.Length / lanes;
        if (slices < 2)
        {
            return;
        }

        int[] entries = new int[slices];
        for (int slice = 0; slice < slices; slice++)
        {
            entries[slice] = counts.EntriesWith(map.AsSpan(slice * lanes, lanes), -1, -1);
        }

        uint state = 2463534242;
        for (long tries = Math.Min((long)TriesPerRow * counts.Rows, MostCounts / ((long)lanes * counts.Windows)); tries > 0; tries--)
        {
            int from = (int)Next(ref state, (uint)map.Length);
            int to = (int)Next(ref state, (uint)map.Length);
            int first = from / lanes;
            int second = to / lanes;
            if (first == second)
            {
                continue;
            }

            int firstEntries = counts.EntriesWith(map.AsSpan(first * lanes, lanes), from % lanes, map[to]);
            if (firstEntries > entries[first] + entries[second])
            {
                continue;
            }

            int secondEntries = counts.EntriesWith(map.AsSpan(second * lanes, lanes), to % lanes, map[from]);
            if (firstEntries + secondEntries <= entries[first] + entries[second])
            {
                (map[from], map[to]) = (map[to], map[from]);
                (entries[first], entries[second]) = (firstEntries, secondEntries);
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
