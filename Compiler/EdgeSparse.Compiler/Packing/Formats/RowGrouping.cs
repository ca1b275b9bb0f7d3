using System.Numerics;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Gathers rows into slices so that few lanes are padded. A slice costs the sum over windows of its longest lane; greedily,
/// each slice starts with the fullest row left, then takes the row that makes it longer by the least, the fuller one of equals.
/// </summary>
internal static class RowGrouping
{
    /// <param name="counts">Non-zeros of each row in each window, [rows, windows].</param>
    /// <param name="rows">Rows to place.</param>
    /// <param name="windows">Windows a row has.</param>
    /// <param name="lanes">Rows a slice takes.</param>
    /// <returns>The row in each lane, slice by slice, −1 in lanes of the last slice that no row is left for.</returns>
    public static int[] Group(ReadOnlySpan<byte> counts, int rows, int windows, int lanes)
    {
        int[] totals = new int[rows];
        List<int> left = new(rows);
        for (int row = 0; row < rows; row++)
        {
            foreach (byte count in counts.Slice(row * windows, windows))
            {
                totals[row] += count;
            }

            left.Add(row);
        }

        int[] map = new int[(((rows - 1) / lanes) + 1) * lanes];
        Array.Fill(map, -1);
        byte[] longest = new byte[windows];
        for (int place = 0; place < rows; place++)
        {
            bool starts = place % lanes == 0;
            if (starts)
            {
                Array.Clear(longest);
            }

            int chosen = starts ? Fullest(left, totals) : Closest(counts, windows, left, totals, longest);
            map[place] = left[chosen];
            Raise(longest, counts.Slice(left[chosen] * windows, windows));
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
    private static int Closest(ReadOnlySpan<byte> counts, int windows, List<int> left, int[] totals, byte[] longest)
    {
        int best = 0;
        int bestGrowth = int.MaxValue;
        for (int i = 0; i < left.Count; i++)
        {
            int growth = Growth(longest, counts.Slice(left[i] * windows, windows));
            if (growth < bestGrowth || (growth == bestGrowth && totals[left[i]] > totals[left[best]]))
            {
                best = i;
                bestGrowth = growth;
            }
        }

        return best;
    }

    /// <summary>Σ max(0, row − longest): entries that the row adds.</summary>
    private static int Growth(ReadOnlySpan<byte> longest, ReadOnlySpan<byte> row)
    {
        int growth = 0;
        int i = 0;
        Vector<uint> sums = default;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<byte> old = new(longest[i..]);
            Vector<byte> grown = Vector.Max(old, new Vector<byte>(row[i..])) - old;
            Vector.Widen(grown, out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low + high, out Vector<uint> lowest, out Vector<uint> highest);
            sums += lowest + highest;
        }

        for (; i < row.Length; i++)
        {
            growth += Math.Max(0, row[i] - longest[i]);
        }

        return growth + (int)Vector.Sum(sums);
    }

    private static void Raise(Span<byte> longest, ReadOnlySpan<byte> row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            longest[i] = Math.Max(longest[i], row[i]);
        }
    }
}
