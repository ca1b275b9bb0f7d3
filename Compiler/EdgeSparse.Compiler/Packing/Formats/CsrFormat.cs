using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Compressed sparse rows whose indices are the offsets that the kernel adds, in 16 bits when all fit.</summary>
internal static class CsrFormat
{
    public static PackedWeight Pack(WeightMatrix matrix, ChunkPlan chunks) => BsrFormat.Pack(matrix, chunks, 1, 1) with
    {
        BlockRows = 0,
        BlockColumns = 0,
        ColumnStride = 0,
    };
}

/// <summary>Compressed sparse rows of small dense blocks; see <see cref="WeightFormat.Bsr16"/>.</summary>
internal static class BsrFormat
{
    /// <param name="matrix">The weight.</param>
    /// <param name="chunks">Parts of the input channels.</param>
    /// <param name="height">Rows of a block; blocks of 1×1 are CSR.</param>
    /// <param name="width">Columns of a block.</param>
    /// <exception cref="PackingException">There are fewer input channels than columns of a block.</exception>
    public static PackedWeight Pack(WeightMatrix matrix, ChunkPlan chunks, int height, int width)
    {
        BlockRows blocks = new(matrix, height, width);
        List<float> values = [];
        List<uint> offsets = [];
        List<uint> pointers = [0];
        blocks.ForEach(chunks, (_, block, stored) =>
        {
            foreach (ColumnBlock column in stored)
            {
                offsets.Add(blocks.OffsetOf(block, column));
                for (int k = 0; k < width; k++)
                {
                    for (int row = 0; row < height; row++)
                    {
                        values.Add(blocks.At(block, column, row, k));
                    }
                }
            }

            pointers.Add((uint)offsets.Count);
        });
        bool narrow = IndexWidth.IsNarrow(offsets, matrix.IndexUnit);
        WeightFormat format = (height, width) == (1, 1)
            ? (narrow ? WeightFormat.Csr16 : WeightFormat.Csr32)
            : (narrow ? WeightFormat.Bsr16 : WeightFormat.Bsr32);
        return new PackedWeight(
            matrix.Weight.Name, format, matrix.Weight.Shape, matrix.Rows, matrix.Columns, matrix.Groups, matrix.Weight.NonZeroCount)
        {
            BlockRows = height,
            BlockColumns = width,
            Chunks = chunks.Count,
            ColumnStride = matrix.ColumnStride,
            IndexUnit = narrow ? matrix.IndexUnit : 1,
            Values = PackedWeight.BytesOf<float>(matrix.Layer, values.ToArray()),
            Indices = IndexWidth.Pack(matrix.Layer, offsets, matrix.IndexUnit),
            Pointers = PackedWeight.BytesOf<uint>(matrix.Layer, pointers.ToArray()),
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
        };
    }
}
