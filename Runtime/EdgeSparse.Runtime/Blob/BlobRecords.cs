using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Blob;

// The bytes of an .esb file, little-endian, as structs that are laid over the mapped file; weights are in WeightRecord.cs, the
// kinds of operations in OperationKind.cs.
// docs/format.md describes every field for readers in other languages; the two must say the same. Offsets named "Data…" count
// from the start of the Data section; names are (offset, length) in UTF-8 bytes from the start of the Strings section.

/// <summary>Constants of the format.</summary>
internal static class BlobConstants
{
    /// <summary>The bytes 89 45 53 42 0D 0A 1A 0A: a non-text byte, "ESB", and line ends that a text transfer would mangle.</summary>
    public const ulong Magic = 0x0A1A_0A0D_4253_4589;
    public const uint Version = 3;
    public const int Alignment = 64;

    /// <summary>Of the shapes of inputs and outputs, and of the parameters of operations.</summary>
    public const int MostDimensions = 8;

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

    /// <summary>This one and those after it a blob may lack.</summary>
    SelfTest = 8,

    /// <summary>Kernels compiled for accelerators. Nothing reads it but a session on one, which checks it.</summary>
    DeviceCode = 9,
}

/// <summary>
/// The section table follows the header: all kinds once (SelfTest may be absent), ascending by kind and by offset. Each section starts where the
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
/// An activation in the arena, fp32. Each of <see cref="Lanes"/> vector lanes owns a region of the map, RegionY rows by RegionX
/// columns, and all lanes lie side by side: a <em>slot</em> is one position of the region, Lanes elements long, an element a
/// lane. A window that slides over the map thereby slides over slots, for all lanes at once and always aligned. Pixel (c, y, x)
/// is element <c>Origin + ry·RowStride + c·ChannelStride + rx·Lanes + lane</c> from the value's start, where
/// <list type="bullet">
/// <item>grid (GridY · GridX = Lanes): ly = min(y / RegionY, GridY − 1), ry = y − ly·RegionY, likewise lx and rx,
/// lane = ly·GridX + lx. The last lanes' regions may reach into the halo below and to the right;</item>
/// <item>flat (GridY = GridX = 0), without halo: p = y·Width + x, lane = p / (RegionY·RegionX), s = p mod (RegionY·RegionX),
/// ry = s / RegionX, rx = s mod RegionX;</item>
/// <item>planar (Lanes = GridY = GridX = 1, RegionY = Height, RegionX = Width, RowStride = Width, ChannelStride = Height·Width):
/// the pixels in row-major order. A vector of N is N channels of 1×1, planar.</item>
/// </list>
/// Around the region lie halo slots: ry from −HaloTop to RegionY + HaloBottom − 1, rx likewise; Origin leaves room for them.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 128)]
internal struct ValueRecord
{
    public uint NameOffset;
    public uint NameLength;
    public int Channels;
    public int Height;
    public int Width;

    /// <summary>1 (planar), 4, 8 or 16. Origin, RowStride and ChannelStride are multiples of it.</summary>
    public int Lanes;
    public int GridY;
    public int GridX;
    public int RegionY;
    public int RegionX;

    /// <summary>Elements before slot (0, 0) of channel 0.</summary>
    public int Origin;

    /// <summary>Elements from a row of slots to the next.</summary>
    public int RowStride;

    /// <summary>Elements from a channel to the next.</summary>
    public int ChannelStride;
    public int HaloTop;
    public int HaloLeft;
    public int HaloBottom;
    public int HaloRight;
    public Frame Frame;

    /// <summary>Byte offset in the arena, a multiple of 64.</summary>
    public long ArenaOffset;

    /// <summary>Elements reserved, halo included; a multiple of 16.</summary>
    public long Elements;
    public long Reserved0;
    public long Reserved1;
    public long Reserved2;
    public long Reserved3;
    public long Reserved4;
}

/// <summary>
/// What readers may count on in halo slots and in lanes beyond the map. The step that writes a value sees to its frame.
/// </summary>
internal enum Frame : uint
{
    /// <summary>Anything; the value has no halo.</summary>
    None = 0,

    /// <summary>
    /// Lane (ly, lx) of every slot (ry, rx), halo included, holds pixel (ly·RegionY + ry, lx·RegionX + rx), and 0 where the map
    /// has no such pixel.
    /// </summary>
    Zero = 1,

    /// <summary>The same with the lowest number, −∞, where the map has no pixel: for maximum pooling.</summary>
    Lowest = 2,
}

/// <summary>
/// One step of the plan, in execution order. Fields that a kind does not use are 0 (indices: −1). Linear and Softmax read and
/// write planar values; Linear takes them in row-major order whatever their shape, so that flattening a planar value needs no
/// step. Conv2d, MaxPool and AveragePool: input and output have the same lanes and grid, and RegionY(input) =
/// StrideY·RegionY(output), likewise X (for 1×1 windows with stride 1 flat values do as well); the halo and Frame of the input
/// hold what the windows reach. Activate, Add, ChannelAffine: all operands have the same lanes, grid and regions. An activation
/// other than None may go with Linear, Conv2d, Add, ChannelAffine, Activate, Binary, Select, MatMul. Conv2d and Linear add Input1,
/// where there is one, before the activation. An output does not overlap an input in the arena, except that Activate, Add,
/// ChannelAffine and Binary without parameters may write in place over an input of exactly the same layout, and Conv2d and Linear
/// over Input1.
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

    /// <summary>Index into Values: what Select takes where its condition is 0; −1 for other kinds.</summary>
    public int Input2;
    public float ActivationA;
    public float ActivationB;

    /// <summary>Conv2d: the widest tile in vectors, 0 for the runtime's choice.</summary>
    public int TileVectors;

    /// <summary>Binary: <see cref="ElementFunction"/>; Reduce: <see cref="ReductionFunction"/>; Softmax: 1 for its logarithm.</summary>
    public uint Function;

    /// <summary>The kind's parameters, in the Data section.</summary>
    public ulong DataParameters;
    public ulong ParameterBytes;
    public long Reserved0;
    public long Reserved1;
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

    /// <summary>The logical shape, a batch of 1 included, of up to eight dimensions; unused ones are 1.</summary>
    public int Rank;
    public int Dim0;
    public int Dim1;
    public int Dim2;
    public int Dim3;
    public int Dim4;
    public int Dim5;
    public int Dim6;
    public int Dim7;

    /// <summary>Channels of Mean and Std; 0 when the network says nothing of pixels.</summary>
    public int ScalingChannels;

    /// <summary>fp32 [ScalingChannels] each, in the Data section: input = (pixel/255 − mean) / std.</summary>
    public ulong DataMean;
    public ulong DataStd;

    /// <summary>What the elements are to the network; the arena holds all as fp32.</summary>
    public ElementType Type;
    public int Reserved0;
    public long Reserved1;
    public long Reserved2;
}
