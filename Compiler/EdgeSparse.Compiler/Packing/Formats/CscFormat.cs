using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Compressed sparse columns in bands of rows; see <see cref="WeightFormat.Csc16"/>.</summary>
/// <param name="matrix">A fully connected layer's weight.</param>
internal sealed class CscFormat(WeightMatrix matrix)
{
    /// <summary>
    /// Weights of a column in a band, on average, below which another worker's help would cost more than it brings: a band costs
    /// each column a pointer and the end of a loop.
    /// </summary>
    private const int FewestWeights = 32;

    /// <summary>As many workers as devices have cores.</summary>
    private const int MostBands = 8;

    /// <summary>Bands begin at cache lines of the sums, so that two workers never write to one.</summary>
    private const int RowMultiple = 16;

    /// <summary>What a 16-bit index reaches.</summary>
    private const int MostRows = 65536;

    /// <summary>Rows of a band.</summary>
    public int BandRows { get; } = BandRowsOf(matrix);

    /// <summary>Pointers, but for the last one.</summary>
    public long Columns => (long)((matrix.Rows + (BandRows - 1)) / BandRows) * matrix.Columns;

    public PackedWeight Pack()
    {
        List<float> values = [];
        List<ushort> rows = [];
        List<uint> pointers = [0];
        for (int first = 0; first < matrix.Rows; first += BandRows)
        {
            int end = Math.Min(matrix.Rows, first + BandRows);
            for (int column = 0; column < matrix.Columns; column++)
            {
                for (int row = first; row < end; row++)
                {
                    if (matrix.Row(row)[column] is not 0 and float value)
                    {
                        values.Add(value);
                        rows.Add((ushort)(row - first));
                    }
                }

                pointers.Add((uint)values.Count);
            }
        }

        return new PackedWeight(
            matrix.Weight.Name, WeightFormat.Csc16, matrix.Weight.Shape, matrix.Rows, matrix.Columns, matrix.Groups, matrix.Weight.NonZeroCount)
        {
            BlockRows = BandRows,
            Values = PackedWeight.BytesOf<float>(matrix.Layer, values.ToArray()),
            Indices = PackedWeight.BytesOf<ushort>(matrix.Layer, rows.ToArray()),
            Pointers = PackedWeight.BytesOf<uint>(matrix.Layer, pointers.ToArray()),
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
        };
    }

    private static int BandRowsOf(WeightMatrix matrix)
    {
        int bands = Math.Clamp(matrix.Weight.NonZeroCount / matrix.Columns / FewestWeights, 1, MostBands);
        int rows = (((matrix.Rows + bands - 1) / bands) + RowMultiple - 1) / RowMultiple * RowMultiple;
        return Math.Min(rows, MostRows);
    }
}
