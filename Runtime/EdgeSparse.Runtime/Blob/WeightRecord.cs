using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Blob;

internal enum WeightFormat : uint
{
    /// <summary>
    /// Every weight. Linear and ChannelAffine: fp32 [rows, columns], row-major, no indices. Conv2d: rows of a group in blocks of
    /// BlockRows (the last one filled up with zero rows), fp32 [row blocks, columns, BlockRows], and one list of offsets a group,
    /// Indices, 32-bit [groups, columns]. Chunks is 1.
    /// </summary>
    Dense = 1,

    /// <summary>
    /// CSR: values, 16-bit unsigned indices. Pointers are 32-bit [Chunks · rows + 1]: the weights of row r in chunk q are those from
    /// Pointers[q·rows + r] to the next. Chunks part the input channels, so that a tile of one chunk stays in the first-level
    /// cache; sums go from chunk to chunk through the output.
    /// </summary>
    Csr16 = 2,

    /// <summary>CSR with 32-bit unsigned indices.</summary>
    Csr32 = 3,

    /// <summary>
    /// Sliced ELL with sliding windows, for Linear only. Rows are taken <c>Lanes</c> at a time in the order of RowMap (a slice; one row
    /// a lane). A slice has units of BlockColumns entries; a unit has a window, the <c>Window</c> columns from Windows[u] (u16) on.
    /// Entry e of unit u is <c>Lanes</c> fp32 in Values at [(u·BlockColumns + e)·Lanes …] and as many bytes in Indices: lane l adds
    /// Values · input[Windows[u] + Indices] to the output row RowMap[slice·Lanes + l]. Units lie in the order of their slices, those of
    /// a slice in bands of 64 columns in which their windows begin. Pointers are 32-bit unitStart[slice·bandCount + band], then
    /// the number of units; bandCount = ceil(Columns / 64). A padding lane has the weight 0 and any index with Windows[u] + index
    /// &lt; Columns. Lanes are 1 to 64, Window 1 to 256, BlockColumns 1 to 8, Columns at most 65536.
    /// </summary>
    SlicedEll = 4,

    /// <summary>
    /// CSR with 8-bit deltas, for Conv2d: the weights of a row and chunk in ascending order of index; the first index is the first
    /// delta, each next one adds its delta. A gap over 255 is bridged by weights of 0 whose index is one that the row may read.
    /// Chunk q's indices count from ChunkBases[q] (32-bit [Chunks], in units of IndexUnit; kept in Windows).
    /// </summary>
    CsrDelta8 = 5,

    /// <summary>
    /// BSR with blocks of BlockRows × BlockColumns: 1×4, 4×1, 8×1, 16×1, 4×4. Rows of a group in blocks of BlockRows (the last one
    /// of a group filled up with zero rows): row blocks = groups · ceil(rows/groups / BlockRows). Values are fp32 [blocks, BlockColumns,
    /// BlockRows]; Indices 16-bit [blocks], of the block's first column; Pointers as for CSR with row blocks for rows. The
    /// further columns of a block are ColumnStride elements apart in the input (consecutive input channels at one kernel
    /// position; Linear: 1). A block at the end of the channels begins earlier, so that all its columns exist.
    /// </summary>
    Bsr16 = 6,

    /// <summary>BSR with 32-bit indices.</summary>
    Bsr32 = 7,

    /// <summary>
    /// N of M (2:4 with BlockRows 2 and BlockColumns 4, 4:8 with 4 and 8): entries of N weights out of M columns that lie
    /// ColumnStride elements apart. Values fp32 [entries, N]; Indices 32-bit [entries], of the group's first column; Windows
    /// 16-bit [entries]: the place of weight k in the group in bits 4k to 4k + 3; Pointers as for CSR. A group with more than N
    /// weights has several entries, unused weights are 0. A group at the end of the channels begins earlier (if there are fewer
    /// than M channels the format is not possible).
    /// </summary>
    NofM = 8,

    /// <summary>
    /// Conv2d with one input channel a group: fp32 [rows, columns] row-major; Indices 32-bit [columns], for the first row;
    /// row r reads channel r / (rows / groups), ColumnStride elements a channel further on.
    /// </summary>
    Depthwise = 9,

    /// <summary>
    /// CSC in bands of rows, for Linear only: rows are taken <c>BlockRows</c> at a time (a band, 1 to 65536 rows; the last one may have
    /// fewer). Pointers are 32-bit [bands · columns + 1]: the weights of column c in band b are those from Pointers[b·Columns + c] to
    /// the next; Values and Indices, 16-bit, are one a weight, the index its row counted from the band's first, ascending
    /// within the column. A kernel may leave out the columns whose input is zero.
    /// </summary>
    Csc16 = 10,
}

/// <summary>
/// A weight of Linear or Conv2d as a sparse matrix of Rows = outputs. An index times IndexUnit is an element offset. For Conv2d it
/// counts from the start of the input value (not from its Origin) to lane 0 of the slot that output slot (0, 0) multiplies,
/// kernel position, padding, dilation and group counted in: output slot (ry, rx) reads the slot
/// <c>index·IndexUnit + ry·StrideY·RowStride + rx·StrideX·Lanes</c> with the input's strides. For Linear it is the column, counted
/// from the input value's Origin, and IndexUnit is 1. Each data range starts at a multiple of 64 and has exactly the bytes that
/// its format asks for; one that the format does not have is (0, 0); ranges do not overlap.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 192)]
internal struct WeightRecord
{
    public uint NameOffset;
    public uint NameLength;
    public WeightFormat Format;
    public int Rows;

    /// <summary>Columns of the matrix: in/groups · kh · kw for Conv2d, in for Linear, 1 for ChannelAffine.</summary>
    public int Columns;
    public int Groups;

    /// <summary>
    /// Weights stored, explicit padding zeros of the format not counted: exactly the last pointer for CSR and CSC; for Dense and
    /// SlicedEll at most the number of values.
    /// </summary>
    public long NonZeros;

    /// <summary>The tensor's own dimensions (their product is Rows · Columns); unused ones are 1.</summary>
    public int Rank;
    public int Dim0;
    public int Dim1;
    public int Dim2;
    public int Dim3;

    /// <summary>Rows a slice (SlicedEll), else 0.</summary>
    public int Lanes;

    /// <summary>Columns a window (SlicedEll), else 0.</summary>
    public int Window;

    /// <summary>Dense Conv2d, Bsr: rows a block; NofM: N; Csc16: rows a band; else 0.</summary>
    public int BlockRows;
    public ulong DataValues;
    public ulong ValueBytes;
    public ulong DataIndices;
    public ulong IndexBytes;
    public ulong DataPointers;
    public ulong PointerBytes;

    /// <summary>fp32 [Rows]; always present, zeros where the network has none.</summary>
    public ulong DataBias;
    public ulong BiasBytes;

    /// <summary>SlicedEll: the output row of each lane, 32-bit [sliceCount · Lanes], −1 for a lane without a row; every row once.</summary>
    public ulong DataRowMap;
    public ulong RowMapBytes;

    /// <summary>SlicedEll: the first column of each unit, 16-bit unsigned. NofM: places. CsrDelta8: bases of the chunks.</summary>
    public ulong DataWindows;
    public ulong WindowBytes;

    /// <summary>Bsr: columns a block; NofM: M; SlicedEll: entries a unit; else 0.</summary>
    public int BlockColumns;

    /// <summary>Parts of the input channels, at least 1; 1 for Linear, Dense and Depthwise.</summary>
    public int Chunks;

    /// <summary>Elements that an index of 1 stands for: the input's Lanes for Conv2d's 8- and 16-bit indices, else 1.</summary>
    public int IndexUnit;

    /// <summary>Elements between columns of a block (Bsr, NofM) or between channels (Depthwise); else 0.</summary>
    public int ColumnStride;
    public ulong Reserved0;
    public ulong Reserved1;
}
