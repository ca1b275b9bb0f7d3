namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// What a kernel on an accelerator is told: one argument by value, the same for all kernels, so that whoever launches them needs to
/// know nothing of them. Places in the arena are elements from the start of a sample's arena; places of tables are 32-bit words of
/// the constants.
/// </summary>
internal struct DeviceStep
{
    /// <summary>Of these fields and what kernels take them for: code that blobs carry states it.</summary>
    public const uint Version = 1;

    public DevicePlanes Output;
    public DevicePlanes Input;

    /// <summary>The second operand, or what is added before the activation; Channels is 0 where there is none.</summary>
    public DevicePlanes Input1;

    /// <summary>Select's third operand: its first element.</summary>
    public int Input2;

    /// <summary>Elements from a sample's arena to the next sample's.</summary>
    public int ArenaStride;

    /// <summary>What the kernel's threads share: elements, pixels, lines or units of weights. Threads beyond do nothing.</summary>
    public int Count;

    public int Activation;
    public float ActivationA;
    public float ActivationB;

    /// <summary>Results are clamped to these before the activation, as in the CPU's kernels: 0 and ∞ for ReLU.</summary>
    public float Low;
    public float High;
    public int Function;

    /// <summary>Slots around the output's region.</summary>
    public int HaloTop;
    public int HaloLeft;
    public int HaloBottom;
    public int HaloRight;

    /// <summary>What the output's frame holds where the map has no pixel.</summary>
    public float Beyond;

    public int KernelY;
    public int KernelX;
    public int StrideY;
    public int StrideX;
    public int PadTop;
    public int PadLeft;
    public int DilationY;
    public int DilationX;

    /// <summary>fp32 weights: one an entry; in units of four rows [entries, columns, rows of a block]; depthwise [rows, columns].</summary>
    public int Values;

    /// <summary>Offsets of entries in the input, in elements times <see cref="OffsetScale"/>.</summary>
    public int Offsets;

    /// <summary>First entry of each unit, and their number; 0 for dense weights, whose units all have <see cref="Columns"/>.</summary>
    public int Pointers;

    /// <summary>Units by falling number of entries: those that a group of threads takes together then have about equally many.</summary>
    public int Order;

    /// <summary>fp32 [rows].</summary>
    public int Bias;
    public int Rows;
    public int Columns;

    /// <summary>Rows and units of four rows of one group of a convolution's channels.</summary>
    public int GroupRows;
    public int GroupUnits;

    /// <summary>Rows of a block, a multiple of 4, and its columns.</summary>
    public int BlockRows;
    public int BlockColumns;

    /// <summary>Input elements between the columns of a block, or the channels of a depthwise convolution.</summary>
    public int ColumnStride;
    public int OffsetScale;

    /// <summary>Threads that work on one unit or line: a power of two that divides the threads of a group.</summary>
    public int UnitThreads;

    /// <summary>Entries of a unit that are staged in shared memory at once.</summary>
    public int Strip;

    /// <summary>Pieces, each as long as the threads of a unit take at once, that a channel's pixels are cut into.</summary>
    public int Tiles;

    /// <summary>1 when four neighbouring elements of a channel lie side by side at a multiple of four in input and output.</summary>
    public int IsAligned;

    /// <summary>A planar value as (outer, length, inner).</summary>
    public int Outer;
    public int Length;
    public int Inner;

    /// <summary>The kind's parameters, or a table of the plan's.</summary>
    public int Parameters;
}
