using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Sliced ELL in windows of columns, for fully connected layers: one vector lane a row, so that one permute out of registers
/// fetches the inputs of a whole entry. Lanes that run out of weights before the longest one are padded with zeros.
/// </summary>
internal sealed class SlicedEllFormat
{
    /// <summary>Units of 4, 2 and 1 entries.</summary>
    private const int UnitKinds = 3;

    /// <summary>What the 16 bits of an entry's window can count.</summary>
    private const int MostWindows = 65536;

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
        WindowCounts counts = new(matrix, shape.Window);
        windows = counts.Windows;
        rowMap = RowGrouping.Group(counts, shape.Lanes);
        entryStart = StartsOf(counts);
    }

    /// <summary>Vectors of weights, padding included: what the kernel's time grows with.</summary>
    public long Entries => entryStart[^1];

    /// <summary>Slices of rows.</summary>
    public long Slices => rowMap.Length / shape.Lanes;

    /// <summary>Whether the format can hold so many columns.</summary>
    public bool IsPossible => windows <= MostWindows;

    public PackedWeight Pack()
    {
        if (!IsPossible)
        {
            throw new PackingException($"layer '{matrix.Layer}' has {matrix.Columns} inputs, more than SlicedEll's {MostWindows} windows of {shape.Window}");
        }

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
            Windows = PackedWeight.BytesOf<ushort>(matrix.Layer, EntryWindows()),
        };
    }

    private void FillLane(int place, ReadOnlySpan<float> weights, float[] values, byte[] indices)
    {
        int slice = place / shape.Lanes;
        int lane = place % shape.Lanes;
        for (int window = 0; window < windows; window++)
        {
            int end = Math.Min((window + 1) * shape.Window, weights.Length);
            int nth = 0;
            for (int column = window * shape.Window; column < end; column++)
            {
                if (weights[column] != 0)
                {
                    long at = (EntryOf(slice, window, nth++) * shape.Lanes) + lane;
                    values[at] = weights[column];
                    indices[at] = (byte)(column - (window * shape.Window));
                }
            }
        }
    }

    /// <summary>The entry that takes the n-th weight of each lane of a slice in a window: in its units of 4, else of 2, else of 1.</summary>
    private long EntryOf(int slice, int window, int nth)
    {
        for (int kind = 0; ; kind++)
        {
            int cell = (((slice * UnitKinds) + kind) * windows) + window;
            int count = (int)(entryStart[cell + 1] - entryStart[cell]);
            if (nth < count)
            {
                return entryStart[cell] + nth;
            }

            nth -= count;
        }
    }

    /// <summary>The window of each entry.</summary>
    private ushort[] EntryWindows()
    {
        ushort[] of = new ushort[Entries];
        for (int cell = 0; cell < entryStart.Length - 1; cell++)
        {
            of.AsSpan((int)entryStart[cell], (int)(entryStart[cell + 1] - entryStart[cell])).Fill((ushort)(cell % windows));
        }

        return of;
    }

    private uint[] StartsOf(WindowCounts counts)
    {
        int slices = rowMap.Length / shape.Lanes;
        uint[] starts = new uint[(slices * UnitKinds * windows) + 1];
        int cell = 0;
        for (int slice = 0; slice < slices; slice++)
        {
            byte[] longest = counts.Longest(rowMap.AsSpan(slice * shape.Lanes, shape.Lanes));
            for (int kind = 0; kind < UnitKinds; kind++)
            {
                // A longest lane of 7 is a unit of 4, one of 2 and one of 1.
                int unit = 4 >> kind;
                for (int window = 0; window < windows; window++, cell++)
                {
                    int entries = kind == 0 ? longest[window] / unit * unit : longest[window] & unit;
                    starts[cell + 1] = checked(starts[cell] + (uint)entries);
                }
            }
        }

        return starts;
    }
}
