namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// The blocks of a weight that hold a non-zero, compressed by rows of blocks and chunks of input channels: what CSR (blocks of
/// 1×1), BSR and N:M are made from.
/// </summary>
internal sealed class BlockRows
{
    private readonly WeightMatrix matrix;
    private readonly ColumnBlock[] columns;

    /// <exception cref="PackingException">There are fewer input channels than columns of a block.</exception>
    public BlockRows(WeightMatrix matrix, int height, int width)
    {
        if (!IsPossible(matrix, width))
        {
            throw new PackingException(
                $"layer '{matrix.Layer}' has {matrix.Channels} inputs a group, fewer than the {width} columns of a block");
        }

        this.matrix = matrix;
        Height = height;
        Width = width;
        columns = matrix.ColumnBlocks(width);
    }

    public static bool IsPossible(WeightMatrix matrix, int width) => matrix.Channels >= width;

    /// <summary>Rows of a block.</summary>
    public int Height { get; }

    /// <summary>Columns of a block.</summary>
    public int Width { get; }

    /// <summary>Rows of blocks of all groups.</summary>
    public int Count => matrix.Groups * RowsOfGroup;

    private int RowsOfGroup => (matrix.RowsOfGroup + Height - 1) / Height;

    /// <summary>Blocks with a non-zero.</summary>
    public long CountBlocks()
    {
        long count = 0;
        for (int block = 0; block < Count; block++)
        {
            foreach (ColumnBlock column in columns)
            {
                count += IsStored(block, column) ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>Calls back for every row of blocks of every chunk, in the order of the pointers, with its stored blocks.</summary>
    public void ForEach(ChunkPlan chunks, Action<int, int, IReadOnlyList<ColumnBlock>> row)
    {
        ILookup<int, ColumnBlock> parts = columns.ToLookup(c => chunks.Of(c.FirstOwned));
        List<ColumnBlock> stored = [];
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            ColumnBlock[] part = [.. parts[chunk]];
            for (int block = 0; block < Count; block++)
            {
                stored.Clear();
                foreach (ColumnBlock column in part)
                {
                    if (IsStored(block, column))
                    {
                        stored.Add(column);
                    }
                }

                row(chunk, block, stored);
            }
        }
    }

    public int GroupOf(int block) => block / RowsOfGroup;

    /// <summary>The offset of the block's first column.</summary>
    public uint OffsetOf(int block, ColumnBlock column) => matrix.OffsetsOf(GroupOf(block))[column.FirstColumn];

    /// <summary>A weight of a block; zero below the last row of a group and where another block owns it.</summary>
    public float At(int block, ColumnBlock column, int row, int k)
    {
        int rowOfGroup = (block % RowsOfGroup * Height) + row;
        return rowOfGroup < matrix.RowsOfGroup && column.FirstChannel + k >= column.FirstOwned
            ? matrix.Row((GroupOf(block) * matrix.RowsOfGroup) + rowOfGroup)[column.FirstColumn + (k * matrix.KernelPositions)]
            : 0;
    }

    private bool IsStored(int block, ColumnBlock column)
    {
        for (int row = 0; row < Height; row++)
        {
            for (int k = 0; k < Width; k++)
            {
                if (At(block, column, row, k) != 0)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
