using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Up to eight vectors of output pixels that a convolution computes at once. Each vector's places are free, so that a tile may go
/// over rows of slots and strides cost nothing.
/// </summary>
internal unsafe struct ConvTile
{
    /// <summary>The widest tile of any kernel, in vectors.</summary>
    public const int Widest = 8;

    /// <summary>
    /// The widest tile of an instruction set: four vectors of 512 bits are as much of each channel as stays in the first-level
    /// cache, and kernels that only serve blobs for other machines do with four. It is a constant in each kernel, which leaves out
    /// the code for tiles that there are none of.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WidestOf<TOps, TVector>()
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged =>
        TOps.Count >= 16 || !Hardware.IsMain(TOps.Set) ? 4 : Widest;

    /// <summary>1 when each vector follows the one before it in the input.</summary>
    public int IsContiguous;

    /// <summary>Vectors, 1 to <see cref="Widest"/>.</summary>
    public int Vectors;

    /// <summary>Bytes from the input value's start to what each vector reads for an index of 0.</summary>
    public fixed int Source[Widest];

    /// <summary>Elements from slot (0, 0) of the output's channel to where each vector goes.</summary>
    public fixed int Target[Widest];

    /// <summary>The same in the value that is added.</summary>
    public fixed int Residual[Widest];
}

/// <summary>A worker's part of a convolution: some tiles, for some row blocks.</summary>
internal struct ConvShare
{
    public int FirstTile;
    public int EndTile;
    public int FirstBlock;
    public int EndBlock;
}
