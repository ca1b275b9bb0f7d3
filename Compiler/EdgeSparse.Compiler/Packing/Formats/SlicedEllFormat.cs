using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Sliced ELL with sliding windows, for fully connected layers: one vector lane a row, so that lookups in registers fetch the
/// inputs of a whole entry. Lanes that have no weight left in a window are padded with zeros.
/// </summary>
internal sealed class SlicedEllFormat
{
    /// <summary>What the 16 bits of a unit's first column can count.</summary>
    private const int MostColumns = 65536;

    private readonly WeightMatrix matrix;
    private readonly SliceShape shape;
    private readonly SliceUnits units;
    private readonly int[] rowMap;

    /// <summary>Groups the rows and counts the units; <see cref="Pack"/> then writes them.</summary>
    public SlicedEllFormat(WeightMatrix matrix, SliceShape shape)
    {
        this.matrix = matrix;
        this.shape = shape;
        units = new SliceUnits(matrix, shape);
        rowMap = RowGrouping.Group(units, shape.Lanes);
        for (int slice = 0; slice < Slices; slice++)
        {
            Units += units.Count(RowsOf(slice));
        }
    }

    /// <summary>Weights stored, padding included: what the kernel's time grows with.</summary>
    public long Stored => Units * shape.Entries * shape.Lanes;

    /// <summary>Slices of rows.</summary>
    public int Slices => rowMap.Length / shape.Lanes;

    /// <summary>Whether the format can hold so many columns.</summary>
    public bool IsPossible => matrix.Columns <= MostColumns;

    private long Units { get; }

    public PackedWeight Pack()
    {
        if (!IsPossible)
        {
            throw new PackingException($"layer '{matrix.Layer}' has {matrix.Columns} inputs; SlicedEll has at most {MostColumns}");
        }

        if (Stored > Array.MaxLength / sizeof(float))
        {
            throw new PackingException($"layer '{matrix.Layer}' needs {Stored} weights, padding included, more than an array holds");
        }

        float[] values = new float[Stored];
        byte[] indices = new byte[Stored];
        ushort[] starts = new ushort[Units];
        int bands = SlicedEllCheck.Bands(matrix.Columns);
        uint[] pointers = new uint[(Slices * bands) + 1];
        int next = 0;
        for (int slice = 0; slice < Slices; slice++)
        {
            foreach (SliceUnit unit in units.Of(RowsOf(slice)))
            {
                int stored = next * shape.Entries * shape.Lanes;
                Fill(unit, RowsOf(slice), values.AsSpan(stored), indices.AsSpan(stored));
                pointers[(slice * bands) + (unit.Start / SlicedEllCheck.BandColumns) + 1]++;
                starts[next++] = (ushort)unit.Start;
            }
        }

        for (int cell = 1; cell < pointers.Length; cell++)
        {
            pointers[cell] += pointers[cell - 1];
        }

        return new PackedWeight(
            matrix.Weight.Name, WeightFormat.SlicedEll, matrix.Weight.Shape, matrix.Rows, matrix.Columns, 1, matrix.Weight.NonZeroCount)
        {
            Lanes = shape.Lanes,
            Window = shape.Window,
            BlockColumns = shape.Entries,
            Values = PackedWeight.BytesOf<float>(matrix.Layer, values),
            Indices = indices,
            Pointers = PackedWeight.BytesOf<uint>(matrix.Layer, pointers),
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
            RowMap = PackedWeight.BytesOf<int>(matrix.Layer, rowMap),
            Windows = PackedWeight.BytesOf<ushort>(matrix.Layer, starts),
        };
    }

    private void Fill(SliceUnit unit, ReadOnlySpan<int> rows, Span<float> values, Span<byte> indices)
    {
        for (int i = 0; i < unit.Columns.Length; i++)
        {
            if (unit.Columns[i] >= 0)
            {
                values[i] = matrix.Row(rows[i % shape.Lanes])[unit.Columns[i]];
                indices[i] = (byte)(unit.Columns[i] - unit.Start);
            }
        }
    }

    private ReadOnlySpan<int> RowsOf(int slice) => rowMap.AsSpan(slice * shape.Lanes, shape.Lanes);
}
