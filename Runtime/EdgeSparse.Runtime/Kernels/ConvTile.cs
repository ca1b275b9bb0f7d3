namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Up to four vectors of output pixels that a convolution computes at once. Where a vector starts in the input, and where it
/// goes in the output, is free, so that vectors may overlap at the end of a row or map and no length needs to be a multiple of
/// a vector.
/// </summary>
internal struct ConvTile
{
    /// <summary>Vectors, 1 to 4.</summary>
    public int Vectors;

    /// <summary>Element that each vector reads first for an index of 0.</summary>
    public int Source0;
    public int Source1;
    public int Source2;
    public int Source3;

    /// <summary>Element that each vector writes first: from pixel (0, 0) of the output plane, or in the step's buffer.</summary>
    public int Target0;
    public int Target1;
    public int Target2;
    public int Target3;

    /// <summary>The tile's first mask vector, in elements from the masks' start.</summary>
    public int FirstMask;

    /// <summary>What goes from the buffer to the output.</summary>
    public int FirstSegment;
    public int SegmentCount;
}

/// <summary>Pixels that go from the buffer of a tile to one output row.</summary>
internal struct ConvSegment
{
    /// <summary>First element in the buffer.</summary>
    public int From;

    /// <summary>First pixel, in elements from pixel (0, 0) of the output plane.</summary>
    public int To;
    public int Length;
}
