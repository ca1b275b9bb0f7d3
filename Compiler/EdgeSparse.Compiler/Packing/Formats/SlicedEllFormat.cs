using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Sliced ELL in windows of columns, for fully connected layers: one vector lane a row, so that one permute out of registers
/// fetches the inputs of a whole entry. Lanes that run out of weights before the longest one are padded with zeros.
/// </summary>
internal sealed class SlicedEllFormat
{
    private readonly WeightMatrix matrix;
    private readonly SliceShape shape;
    private readonly int windows;
    private readonly int[] rowMap;
    private readonly uint[] entryStart;

    /// <summary>Groups the rows and counts the entries; <see cref="Pack"/> then writes them.</summary>
    public SlicedEllFormat(WeightMatrix matrix, SliceShape shape)
    {
        this.matrix = matrix;
        this.shape = shape;
        windows = shape.WindowCount(matrix.Columns);
        byte[] counts = CountPerWindow();
        rowMap = RowGrouping.Group(counts, matrix.Rows, windows, shape.Lanes);
        entryStart = StartsOf(counts);
    }

    /// <summary>Vectors of weights, padding included: what the kernel's time grows with.</summary>
    public long Entries => entryStart[^1];

    /// <summary>Pairs of slice and window.</summary>
    public long Cells => entryStart.Length - 1;

    public PackedWeight Pack()
    {
        if (Entries * shape.Lanes > Array.MaxLength / sizeof(float))
        {
            throw new PackingException($"layer '{matrix.Layer}' needs {Entries} entries of {shape.Lanes} weights, more than an array holds");
        }

        float[] values = new float[Entries * shape.Lanes];
        byte[] indices = new byte[Entries * shape.Lanes];
        for (int place = 0; place < rowMap.Length; place++)
        {
            if (rowMap[place] >= 0)
            {
                FillLane(place, matrix.Row(rowMap[place]), values, indices);
            }
        }

        return new PackedWeight(
            matrix.Weight.Name, WeightFormat.SlicedEll, matrix.Weight.Shape, matrix.Rows, matrix.Columns, 1, matrix.Weight.NonZeroCount)
        {
            Lanes = shape.Lanes,
            Window = shape.Window,
            Values = PackedWeight.BytesOf<float>(matrix.Layer, values),
            Indices = indices,
            Pointers = PackedWeight.BytesOf<uint>(matrix.Layer, entryStart),
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
            RowMap = PackedWeight.BytesOf<int>(matrix.Layer, rowMap),
        };
    }

    private void FillLane(int place, ReadOnlySpan<float> weights, float[] values, byte[] indices)
    {
        int slice = place / shape.Lanes;
        int lane = place % shape.Lanes;
        for (int window = 0; window < windows; window++)
        {
            long at = (entryStart[(slice * windows) + window] * (long)shape.Lanes) + lane;
            int end = Math.Min((window + 1) * shape.Window, weights.Length);
            for (int column = window * shape.Window; column < end; column++)
            {
                if (weights[column] != 0)
                {
                    values[at] = weights[column];
                    indices[at] = (byte)(column - (window * shape.Window));
                    at += shape.Lanes;
                }
            }
        }
    }

    /// <summary>Non-zeros of each row in each window: [Rows, windows].</summary>
    private byte[] CountPerWindow()
    {
        byte[] counts = new byte[matrix.Rows * windows];
        for (int row = 0; row < matrix.Rows; row++)
        {
            ReadOnlySpan<float> weights = matrix.Row(row);
            for (int window = 0; window < windows; window++)
            {
                int start = window * shape.Window;
                ReadOnlySpan<float> part = weights[start..Math.Min(start + shape.Window, weights.Length)];
                counts[(row * windows) + window] = (byte)(part.Length - part.Count(0f));
            }
        }

        return counts;
    }

    private uint[] StartsOf(byte[] counts)
    {
        int slices = rowMap.Length / shape.Lanes;
        uint[] starts = new uint[(slices * windows) + 1];
        for (int slice = 0; slice < slices; slice++)
        {
            for (int window = 0; window < windows; window++)
            {
                int longest = 0;
                for (int lane = 0; lane < shape.Lanes; lane++)
                {
                    int row = rowMap[(slice * shape.Lanes) + lane];
                    longest = row < 0 ? longest : Math.Max(longest, counts[(row * windows) + window]);
                }

                int cell = (slice * windows) + window;
                starts[cell + 1] = checked(starts[cell] + (uint)longest);
            }
        }

        return starts;
    }
}
