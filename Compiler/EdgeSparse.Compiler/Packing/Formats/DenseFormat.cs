using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>All weights, row-major: of fully connected layers and depthwise convolutions.</summary>
internal static class DenseFormat
{
    /// <summary>Rows of a block of a convolution, which share what is loaded of the input.</summary>
    public const int RowsOfBlock = 4;

    public static PackedWeight PackLinear(WeightMatrix matrix) => Empty(matrix, WeightFormat.Dense) with
    {
        Values = PackedWeight.BytesOf(matrix.Layer, matrix.Weight.Values.Span),
    };

    /// <summary>Blocks of four rows, columns in the order of their offsets, and those once a group.</summary>
    public static PackedWeight PackConvolution(WeightMatrix matrix)
    {
        BlockRows blocks = new(matrix, RowsOfBlock, 1);
        ColumnBlock[] columns = matrix.ColumnBlocks(1);
        List<float> values = new(checked(blocks.Count * columns.Length * RowsOfBlock));
        for (int block = 0; block < blocks.Count; block++)
        {
            foreach (ColumnBlock column in columns)
            {
                for (int row = 0; row < RowsOfBlock; row++)
                {
                    values.Add(blocks.At(block, column, row, 0));
                }
            }
        }

        uint[] offsets = new uint[matrix.Offsets.Length];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = matrix.OffsetsOf(i / matrix.Columns)[columns[i % matrix.Columns].FirstColumn];
        }

        return Empty(matrix, WeightFormat.Dense) with
        {
            BlockRows = RowsOfBlock,
            Values = PackedWeight.BytesOf<float>(matrix.Layer, values.ToArray()),
            Indices = PackedWeight.BytesOf<uint>(matrix.Layer, offsets),
        };
    }

    /// <summary>One input channel a group: rows as they are, the offsets of the first one's.</summary>
    public static PackedWeight PackDepthwise(WeightMatrix matrix) => Empty(matrix, WeightFormat.Depthwise) with
    {
        ColumnStride = matrix.ColumnStride,
        Values = PackedWeight.BytesOf(matrix.Layer, matrix.Weight.Values.Span),
        Indices = PackedWeight.BytesOf(matrix.Layer, matrix.OffsetsOf(0)),
    };

    private static PackedWeight Empty(WeightMatrix matrix, WeightFormat format) =>
        new(matrix.Weight.Name, format, matrix.Weight.Shape, matrix.Rows, matrix.Columns, matrix.Groups, matrix.Weight.NonZeroCount)
        {
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
        };
}
