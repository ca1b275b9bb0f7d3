using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Blob;

// The bytes of an .esb file, little-endian, as structs that are laid over the mapped file. docs/format.md describes every
// field for readers in other languages; the two must say the same. Offsets named "Data…" count from the start of the Data
// section; names are (offset, length) in UTF-8 bytes from the start of the Strings section.

/// <summary>Constants of the format.</summary>
internal static class BlobConstants
{
    /// <summary>The bytes 89 45 53 42 0D 0A 1A 0A: a non-text byte, "ESB", and line ends that a text transfer would mangle.</summary>
    public const ulong Magic = 0x0A1A_0A0D_4253_4589;
    public const uint Version = 1;
    public const int Alignment = 64;

    /// <summary>The digest covers everything from this offset to the end of the file.</summary>
    public const int DigestStart = 32;
}

/// <summary>File offset 0.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 64)]
internal struct BlobHeader
{
    public ulong Magic;
    public uint Version;

    /// <summary>Size of this header in bytes, 64.</summary>
    public uint HeaderBytes;

    /// <summary>XXH128 (seed 0) of the bytes from <see cref="BlobConstants.DigestStart"/> to the end, low then high half.</summary>
    public ulong DigestLow;
    public ulong DigestHigh;

    /// <summary>Length of the whole file: the end of the last section, which may be rounded up to 64 with zero bytes.</summary>
    public ulong TotalBytes;

    /// <summary>Bytes of activation memory that a session needs: the end of the furthest value, rounded up to 64.</summary>
    public ulong ArenaBytes;
    public uint SectionCount;
    public uint Reserved0;
    public ulong Reserved1;
}

internal enum SectionKind : uint
{
    Strings = 1,
    Values = 2,
    Weights = 3,
    Operations = 4,
    Bindings = 5,
    Data = 6,
    Metadata = 7,
}

/// <summary>
/// The section table follows the header: all seven kinds once, ascending by kind and by offset. Each section starts where the
/// one before it (the first: the table) ends, rounded up to 64; the bytes between are zero. A section may be empty.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 32)]
internal struct SectionEntry
{
    public SectionKind Kind;
    public uint Reserved0;

    /// <summary>File offset, a multiple of 64.</summary>
    public ulong Offset;
    public ulong Length;
    public ulong Reserved1;
}

/// <summary>
/// An activation in the arena: planes of rows of pixels, fp32. Element (c, y, x) is at
/// <c>Origin + c·PlaneStride + y·RowStride + x</c> elements from the value's start. Elements outside the pixels are padding:
/// zero while the value lives, when <see cref="ZeroBorder"/> is 1, else unspecified. A vector of N is N planes of 1×1, strides 1.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 64)]
internal struct ValueRecord
{
    public uint NameOffset;
    public uint NameLength;
    public int Channels;
    public int Height;
    public int Width;
    public int Origin;
    public int RowStride;
    public int PlaneStride;

    /// <summary>Byte offset in the arena, a multiple of 64.</summary>
    public long ArenaOffset;

    /// <summary>Elements reserved, padding and slack included.</summary>
    public long Elements;
    public int ZeroBorder;
    public int Reserved0;
    public long Reserved1;
}

internal enum WeightFormat : uint
{
    /// <summary>
    /// Row-major fp32 [rows, columns]; a convolution adds one list of offsets a group (Indices, 32-bit [groups, columns]; the
    /// rows of group g are rows/groups · g …). Linear and ChannelAffine have no indices.
    /// </summary>
    Dense = 1,

    /// <summary>CSR: row pointers (32-bit, rows + 1), values, 16-bit unsigned indices.</summary>
    Csr16 = 2,

    /// <summary>CSR with 32-bit unsigned indices.</summary>
    Csr32 = 3,

    /// <summary>
    /// Windowed sliced ELL, for Linear only. Rows are taken <c>Lanes</c> at a time in the order of RowMap (a slice; one row a
    /// lane), columns <c>Window</c> at a time (windowCount = ceil(Columns / Window), at most 65536). An entry is <c>Lanes</c>
    /// fp32 in Values at [e·Lanes …] and <c>Lanes</c> bytes in Indices at [e·Lanes …], of the window Windows[e] (u16): lane l
    /// adds Values · input[Windows[e]·Window + Indices] to the output row RowMap[slice·Lanes + l]. Entries of one slice and
    /// window are bound into units of 4, 2 and 1, and a slice has first all its units of 4, then those of 2, then those of 1, each kind
    /// with windows ascending: a kernel runs through a kind without a branch that depends on the weights. Pointers are 32-bit
    /// entryStart[(slice·3 + kind)·windowCount + window] (kind 0, 1, 2 for units of 4, 2, 1), then the number of entries. A
    /// padding lane has the weight 0 and any index with Windows[e]·Window + index &lt; Columns. The input value reaches at least
    /// windowCount·Window elements past its origin, so that whole windows can be loaded. Lanes are 1 to 64, Window 1 to 256.
    /// </summary>
    SlicedEll = 4,
}

/// <summary>
/// A weight of Linear or Conv2d as a sparse matrix of Rows = outputs. For Conv2d an index is the unsigned element offset from
/// the start of the input value (not from its Origin) that output pixel (0, 0) reads, padding, phase and group counted in:
/// output pixel (y, x) reads value[index + y·RowStride + x] with the input's RowStride, which is at least the output's width.
/// For Linear an index is the column, counted from the input value's Origin. Each data range starts at a multiple of 64 and
/// has exactly the bytes that its format asks for; one that the format does not have is (0, 0); ranges do not overlap.
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
    /// Weights stored, explicit padding zeros of the format not counted: exactly the last row pointer for CSR; for Dense and
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
    public int Reserved0;
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

    /// <summary>SlicedEll: the window of each entry, 16-bit unsigned.</summary>
    public ulong DataWindows;
    public ulong WindowBytes;
    public ulong Reserved1;
    public ulong Reserved2;
    public ulong Reserved3;
}

internal enum OperationKind : uint
{
    Linear = 1,
    Conv2d = 2,
    MaxPool = 3,
    AveragePool = 4,
    Relu = 5,
    Softmax = 6,
    Add = 7,

    /// <summary>
    /// Copies pixels from one layout to another (padding added or dropped). Where the shapes differ, one of the two values is
    /// contiguous and is taken in row-major order for the shape of the other.
    /// </summary>
    Relayout = 8,

    /// <summary>
    /// Splits each plane by stride phase: source pixel (c, y, x), padded by PadTop and PadLeft, goes to plane
    /// (c·StrideY + (y + PadTop) mod StrideY)·StrideX + (x + PadLeft) mod StrideX, row (y + PadTop) / StrideY, column
    /// (x + PadLeft) / StrideX, so that a strided convolution reads unit-stride planes. Output pixels that no source pixel
    /// goes to are zero; source pixels that fall outside the output's rows and columns are dropped.
    /// </summary>
    SplitPhases = 9,

    /// <summary>Per-channel y = x·scale + shift, for a BatchNorm that could not be folded: Dense weight [C, 1] and its bias.</summary>
    ChannelAffine = 10,
}

internal enum Activation : uint
{
    None = 0,
    Relu = 1,
}

/// <summary>
/// One step of the plan, in execution order. Fields that a kind does not use are 0 (indices: −1). Linear reads and writes
/// contiguous values (RowStride = Width, PlaneStride = Height · Width) of any shape in row-major order, so that flattening
/// needs neither a step nor a value of its own. Conv2d records the network's own window, strides and padding included, for
/// inspection only. Activation may be other than None for Linear, Conv2d, Add and ChannelAffine. An output does not overlap an
/// input in the arena, except that Relu, Add and ChannelAffine may write in place over an input of exactly the same layout.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 128)]
internal struct OperationRecord
{
    public uint NameOffset;
    public uint NameLength;
    public OperationKind Kind;
    public Activation Activation;

    /// <summary>Indices into Values; −1 for none.</summary>
    public int Input0;
    public int Input1;
    public int Output;

    /// <summary>Index into Weights; −1 for none.</summary>
    public int Weight;
    public int KernelY;
    public int KernelX;
    public int StrideY;
    public int StrideX;
    public int PadTop;
    public int PadLeft;
    public int PadBottom;
    public int PadRight;
    public int DilationY;
    public int DilationX;

    /// <summary>AveragePool: 1 when padding counts in the divisor.</summary>
    public int CountIncludePad;

    /// <summary>Softmax: 1 over channels (the only axis that exists for vectors), 2 over rows, 3 over columns.</summary>
    public int Axis;
    public long Reserved0;
    public long Reserved1;
    public long Reserved2;
    public long Reserved3;
    public long Reserved4;
    public long Reserved5;
}

internal enum BindingKind : uint
{
    Input = 1,
    Output = 2,
}

/// <summary>A network input or output, in the network's order, inputs first.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 96)]
internal struct BindingRecord
{
    public BindingKind Kind;
    public uint NameOffset;
    public uint NameLength;

    /// <summary>Index into Values.</summary>
    public int Value;

    /// <summary>The logical shape, batch dimension 1 included; unused dimensions are 1.</summary>
    public int Rank;
    public int Dim0;
    public int Dim1;
    public int Dim2;
    public int Dim3;

    /// <summary>Channels of Mean and Std; 0 when the network says nothing of pixels.</summary>
    public int ScalingChannels;

    /// <summary>fp32 [ScalingChannels] each, in the Data section: input = (pixel/255 − mean) / std.</summary>
    public ulong DataMean;
    public ulong DataStd;
    public long Reserved0;
    public long Reserved1;
    public long Reserved2;
    public long Reserved3;
    public long Reserved4;
}
