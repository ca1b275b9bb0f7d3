using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Columns of a block; a parameter of kernels.</summary>
internal interface IBlockColumns
{
    static abstract int Count { get; }
}

internal readonly struct OneColumn : IBlockColumns
{
    public static int Count => 1;
}

internal readonly struct FourColumns : IBlockColumns
{
    public static int Count => 4;
}

/// <summary>Some rows of a block-sparse or dense weight, in one chunk: their blocks, and the rows that they are for.</summary>
internal unsafe ref struct ConvBlock<TIndex>
    where TIndex : unmanaged
{
    public float* Values;
    public byte* Indices;

    /// <summary>Blocks; columns of a dense weight.</summary>
    public uint Count;

    /// <summary>The first row.</summary>
    public int Row;

    /// <summary>Rows that exist, this one and after; the rest fills up the last block of a group.</summary>
    public int Rows;

    /// <param name="step">The step.</param>
    /// <param name="chunk">Which part of the input channels.</param>
    /// <param name="block">Which rows: counted over all groups.</param>
    /// <param name="blockValues">Weights of a block.</param>
    /// <param name="blockRows">Rows of a block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ConvBlock<TIndex> Of(Step* step, int chunk, int block, int blockValues, int blockRows)
    {
        int blocksOfGroup = step->RowBlocks / step->Groups;
        int group = block / blocksOfGroup;
        int rowsOfGroup = step->Rows / step->Groups;
        int rowInGroup = (block - (group * blocksOfGroup)) * blockRows;
        ConvBlock<TIndex> result;
        result.Row = (group * rowsOfGroup) + rowInGroup;
        result.Rows = Math.Min(blockRows, rowsOfGroup - rowInGroup);
        if (step->Pointers == null)
        {
            result.Values = step->Values + ((nint)block * step->Columns * blockValues);
            result.Indices = (byte*)step->Indices + ((nuint)group * (nuint)step->Columns * ConvPointers.WidthOf<TIndex>(step));
            result.Count = (uint)step->Columns;
            return result;
        }

        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks) + block;
        result.Values = step->Values + ((nint)pointers[0] * blockValues);
        result.Indices = (byte*)step->Indices + (pointers[0] * ConvPointers.WidthOf<TIndex>(step));
        result.Count = pointers[1] - pointers[0];
        return result;
    }

    /// <summary>Goes on to the rows after the first ones, whose weights follow on theirs in each column of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NextPart(int rows)
    {
        Values += rows;
        Row += rows;
        Rows -= rows;
    }

    /// <summary>The way from the first row to the row at a place of the block; none to one that does not exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly nint ToRow(int place, int stride) => place < Rows ? (nint)place * stride : 0;
}
