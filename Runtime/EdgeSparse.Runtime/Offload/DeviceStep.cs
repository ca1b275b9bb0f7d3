namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// What a kernel on an accelerator is told: one argument by value, the same for all kernels, so that whoever launches them needs to
/// know nothing of them. Places in the arena are elements from the start of a sample's arena; places of tables are 32-bit words of
/// the constants.
/// </summary>
internal struct DeviceStep
{
    /// <summary>Of these fields and what kernels take them for: code that blobs carry states it.</summary>
    public const uint Version = 3;

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

    /// <summary>
    /// 1 when the kernel writes the output's frame together with its pixels; otherwise FrameFill does, after it. 2 when the table has its pixels
    /// too, in another layout, whose Slots and ChannelStride the output then has.
    /// </summary>
    public int WritesFrame;

    /// <summary>
    /// What of the frame goes with each piece of the pixels that one thread computes: for each piece, and behind the last, where its entries
    /// begin, from here on; then these, of which each is 8 · the place from slot (0, 0) of the channel + the pixel of the piece that is
    /// repeated there, or + <see cref="FramePlan.Beyond"/>.
    /// </summary>
    public int Frame;

    public int KernelY;
    public int KernelX;
    public int StrideY;
    public int StrideX;
    public int PadTop;
    public int PadLeft;
    public int DilationY;
    public int DilationX;

    /// <summary>fp32 weights: one an entry; in units of four rows four an entry; depthwise [rows, columns].</summary>
    public int Values;

    /// <summary>Offsets of entries in the input, as kernels add them: in elements, or in fours of them where <see cref="IsAligned"/>.</summary>
    public int Offsets;

    /// <summary>
    /// Units of weights by falling number of entries: those that a group of threads takes together then have about equally many. Of
    /// rows four words each: the row, its first entry and its entries, in fours, and its bias; of four rows <see cref="SparseQuads.UnitWords"/>.
    /// </summary>
    public int Units;

    /// <summary>
    /// Where four elements of the output have their input, from the sample's arena on: one number, in fours of elements, where
    /// <see cref="IsAligned"/>, else four.
    /// </summary>
    public int Places;

    /// <summary>fp32 [rows].</summary>
    public int Bias;
    public int Rows;
    public int Columns;

    /// <summary>Rows of one group of a depthwise convolution's channels.</summary>
    public int GroupRows;

    /// <summary>Input elements between the channels of a depthwise convolution.</summary>
    public int ColumnStride;

    /// <summary>Threads that work on one unit or line: a power of two that divides the threads of a group.</summary>
    public int UnitThreads;

    /// <summary>Log₂ of <see cref="UnitThreads"/>.</summary>
    public int UnitShift;

    /// <summary>Log₂ of the parts that a unit's entries are shared out in: as many times <see cref="UnitThreads"/> work on it.</summary>
    public int PartShift;

    /// <summary>Log₂ of the units that a warp takes, or its group where that is smaller.</summary>
    public int WarpShift;

    /// <summary>1 when a unit's threads, those of one part of it, are in one warp, so that only a warp has to wait for what they share.</summary>
    public int IsWarpAlone;

    /// <summary>Parts of all units, each as many as a group takes at once.</summary>
    public int Bundles;

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
