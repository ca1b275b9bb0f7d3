namespace EdgeSparse.Runtime.Kernels;

/// <summary>The pixels of a value in a session's arena.</summary>
internal unsafe struct Planes
{
    /// <summary>The value's first element, which a convolution's indices count from.</summary>
    public float* Start;

    /// <summary>Pixel (0, 0) of channel 0.</summary>
    public float* Pixels;
    public int Channels;
    public int Height;
    public int Width;
    public int RowStride;
    public int PlaneStride;

    /// <summary>Elements of the value, padding included.</summary>
    public int Elements;

    /// <summary>1 when the pixels of all channels lie one after the other.</summary>
    public int Contiguous;

    /// <summary>Pixels of all channels.</summary>
    public readonly int Count => Channels * Height * Width;

    /// <summary>The first pixel of a row.</summary>
    public readonly float* Row(int channel, int row) => Pixels + ((long)channel * PlaneStride) + ((long)row * RowStride);
}

/// <summary>
/// One step of a session's plan: a kernel and all that it needs, addresses resolved. It lives in native memory, written once
/// when the session is made. Kernels trust it: the blob's reader and the plan's builder have checked everything.
/// </summary>
internal unsafe struct Step
{
    public delegate*<Step*, void> Kernel;

    /// <summary>The operation that the step belongs to, by its place in <see cref="Model.Layers"/>.</summary>
    public int Layer;
    public Planes Input;
    public Planes Input1;
    public Planes Output;

    public float* Values;
    public void* Indices;
    public uint* Pointers;
    public float* Bias;
    public int* RowMap;
    public int Rows;
    public int Columns;
    public int Groups;

    /// <summary>SlicedEll: the window of each entry, and the bias in the order of the lanes.</summary>
    public ushort* EntryWindows;
    public float* LaneBias;
    public int Lanes;
    public int Window;
    public int WindowCount;
    public int SliceCount;

    /// <summary>SlicedEll: 1 when lane l of slice s is the row s · Lanes + l.</summary>
    public int RowsInOrder;

    /// <summary>Results below it are raised to it: 0 for ReLU, −∞ for none, so that the epilogue has no branch.</summary>
    public float Floor;

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
    public int CountIncludePad;
    public int Axis;

    /// <summary>Working memory of the kernel; its size is the plan builder's business.</summary>
    public float* Scratch;

    /// <summary>Pooling: a vector of results that reach beyond the row, and for an average the columns that each window counts.</summary>
    public float* Results;
    public float* ColumnCounts;

    /// <summary>Conv2d: how the output is cut into tiles.</summary>
    public ConvTile* Tiles;
    public int TileCount;

    /// <summary>Conv2d whose vectors reach across rows: bits set where a pixel is, for each vector; null where all are.</summary>
    public float* Masks;

    /// <summary>Conv2d that goes through the scratch buffer: what goes where; null for one that does not.</summary>
    public ConvSegment* Segments;
}
