namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// A piece of a convolution's run. The run is the output map with the row stride of the input, so that for one weight the whole
/// map reads one contiguous stretch of the input; what lies between the rows is computed too, and dropped.
/// </summary>
internal struct ConvTile
{
    /// <summary>First element in the run.</summary>
    public int Start;

    /// <summary>Vectors, 1 to 4.</summary>
    public int Vectors;

    /// <summary>Where the last vector starts, counted from <see cref="Start"/>: it may overlap the one before it, so that no run
    /// needs a length that is a multiple of a vector.</summary>
    public int Last;

    /// <summary>The tile's parts of output rows.</summary>
    public int FirstSegment;
    public int SegmentCount;

    /// <summary>The tile's first mask vector, in elements from the masks' start.</summary>
    public int FirstMask;
}

/// <summary>Pixels of a tile that go to one output row.</summary>
internal struct ConvSegment
{
    /// <summary>First element, counted from the tile's start.</summary>
    public int From;

    /// <summary>First pixel, in elements from pixel (0, 0) of the output plane.</summary>
    public int To;
    public int Length;
}
