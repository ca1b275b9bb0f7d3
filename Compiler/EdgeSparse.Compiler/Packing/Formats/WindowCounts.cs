using System.Numerics;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// How many non-zeros each row of a weight has in each window of its columns; at most 255. Rows are padded with zeros to whole
/// vectors.
/// </summary>
internal sealed class WindowCounts
{
    private const int Widest = 64;

    private readonly byte[] counts;
    private readonly int stride;

    public WindowCounts(WeightMatrix matrix, int window)
        : this(matrix.Rows, ((matrix.Columns - 1) / window) + 1)
    {
        for (int row = 0; row < Rows; row++)
        {
            ReadOnlySpan<float> weights = matrix.Row(row);
            for (int w = 0; w < Windows; w++)
            {
                int start = w * window;
                ReadOnlySpan<float> part = weights[start..Math.Min(start + window, weights.Length)];
                counts[((long)row * stride) + w] = (byte)(part.Length - part.Count(0f));
            }
        }
    }

    /// <param name="rows">Rows of the weight.</param>
    /// <param name="table">The counts, [rows, windows].</param>
    public WindowCounts(int rows, ReadOnlySpan<byte> table)
        : this(rows, table.Length / rows)
    {
        for (int row = 0; row < rows; row++)
        {
            table.Slice(row * Windows, Windows).CopyTo(counts.AsSpan(row * stride));
        }
    }

    private WindowCounts(int rows, int windows)
    {
        Rows = rows;
        Windows = windows;
        stride = (windows + Widest - 1) / Widest * Widest;
        counts = new byte[checked(rows * stride)];
    }

    public int Rows { get; }

    public int Windows { get; }

    /// <summary>Non-zeros of the row in all windows.</summary>
    public int TotalOf(int row)
    {
        int total = 0;
        foreach (byte count in counts.AsSpan(row * stride, Windows))
        {
            total += count;
        }

        return total;
    }

    /// <summary>A set of rows as a slice of one row: in each window the count of the longest.</summary>
    public byte[] Longest(ReadOnlySpan<int> rows)
    {
        byte[] longest = new byte[stride];
        foreach (int row in rows)
        {
            if (row >= 0)
            {
                Raise(longest, row);
            }
        }

        return longest;
    }

    /// <summary>Raises the slice to hold the row too.</summary>
    public void Raise(Span<byte> longest, int row)
    {
        ReadOnlySpan<byte> more = counts.AsSpan(row * stride, stride);
        for (int i = 0; i < more.Length; i += Vector<byte>.Count)
        {
            Vector.Max(new Vector<byte>(longest[i..]), new Vector<byte>(more[i..])).CopyTo(longest[i..]);
        }
    }

    /// <summary>Entries that the row adds to a slice: Σ max(0, row − longest).</summary>
    public int Growth(ReadOnlySpan<byte> longest, int row)
    {
        ReadOnlySpan<byte> more = counts.AsSpan(row * stride, stride);
        Vector<uint> sums = default;
        for (int i = 0; i < more.Length; i += Vector<byte>.Count)
        {
            Vector<byte> old = new(longest[i..]);
            sums += Sums(Vector.Max(old, new Vector<byte>(more[i..])) - old);
        }

        return (int)Vector.Sum(sums);
    }

    /// <summary>Entries of a slice of these rows, with another one in place of that at <paramref name="replaced"/>; −1 is no row.</summary>
    public int EntriesWith(ReadOnlySpan<int> rows, int replaced, int replacement)
    {
        Vector<uint> sums = default;
        for (int i = 0; i < stride; i += Vector<byte>.Count)
        {
            Vector<byte> longest = replacement >= 0 ? new Vector<byte>(counts, (replacement * stride) + i) : default;
            for (int lane = 0; lane < rows.Length; lane++)
            {
                if (lane != replaced && rows[lane] >= 0)
                {
                    longest = Vector.Max(longest, new Vector<byte>(counts, (rows[lane] * stride) + i));
                }
            }

            sums += Sums(longest);
        }

        return (int)Vector.Sum(sums);
    }

    private static Vector<uint> Sums(Vector<byte> bytes)
    {
        Vector.Widen(bytes, out Vector<ushort> low, out Vector<ushort> high);
        Vector.Widen(low + high, out Vector<uint> lowest, out Vector<uint> highest);
        return lowest + highest;
    }
}
