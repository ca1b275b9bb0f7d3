using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// One step of a session's plan: a kernel and all that it needs, addresses resolved. It lives in native memory, written once
/// when the session is made. Kernels trust it: the blob's reader and the plan's builder have checked everything.
/// </summary>
internal unsafe struct Step
{
    /// <summary>
    /// The code: (step, worker, workers). Each of the workers calls it once, at the same time; what it computes for an element does
    /// not depend on their number.
    /// </summary>
    public delegate*<Step*, int, int, void> Kernel;

    /// <summary>The operation that the step belongs to, by its place in <see cref="Model.Layers"/>.</summary>
    public int Layer;

    /// <summary>1 for a kernel that only worker 0 may call.</summary>
    public int Sequential;
    public Planes Input;
    public Planes Input1;
    public Planes Input2;
    public Planes Output;

    public float* Values;
    public void* Indices;
    public uint* Pointers;
    public float* Bias;
    public int* RowMap;

    /// <summary>SlicedEll: the first column of each unit. NofM: places. CsrDelta8: bases of the chunks.</summary>
    public void* Windows;
    public int Rows;
    public int Columns;
    public int Groups;
    public int BlockRows;
    public int BlockColumns;
    public int Chunks;

    /// <summary>Rows of blocks over all groups; rows where blocks are one row high.</summary>
    public int RowBlocks;

    /// <summary>Bytes that an index of 1 stands for.</summary>
    public nuint IndexBytes;

    /// <summary>Bytes of an index: 2 or 4.</summary>
    public nuint IndexWidth;

    /// <summary>Bytes between the columns of a block, or the channels of a depthwise convolution.</summary>
    public nint ColumnBytes;

    /// <summary>SlicedEll: the bias in the order of the lanes.</summary>
    public float* LaneBias;
    public int Lanes;
    public int Window;

    /// <summary>SlicedEll: bands of columns of a slice; Csc16: columns of a band. Each has a pointer.</summary>
    public int BandCount;
    public int SliceCount;

    /// <summary>SlicedEll: slices before the first that has a lane without a row.</summary>
    public int WholeSlices;

    /// <summary>SlicedEll: elements of a plane of the input, what a window reads beyond its end included; Csc16: elements of a list of columns.</summary>
    public int PlaneElements;

    /// <summary>
    /// Four bytes an element for each worker: SlicedEll's kernels keep the input in another form there, Csc16's the columns whose
    /// input is not zero.
    /// </summary>
    public byte* Planes;

    public Activation Activation;
    public float ActivationA;
    public float ActivationB;

    /// <summary>
    /// Results are clamped to these: 0 and ∞ for ReLU, −∞ and ∞ for activations that are no clamp, so that the epilogue of most
    /// layers has no branch.
    /// </summary>
    public float Low;
    public float High;

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

    /// <summary>What the kind's function is; see <see cref="OperationRecord.Function"/>.</summary>
    public uint Function;

    /// <summary>Binary: the loop of its function; see <see cref="Rows.Pair"/>.</summary>
    public delegate*<float*, nint, float*, nint, float*, int, void> Pair;

    /// <summary>Binary: 1 when Input1 has one element a channel.</summary>
    public int IsPerChannel;

    /// <summary>The kind's parameters in the blob; see <see cref="OperationKind"/>.</summary>
    public int* Parameters;

    /// <summary>A planar value as (outer, length, inner): what goes along one dimension works on the middle one.</summary>
    public int Outer;
    public int Length;
    public int Inner;

    /// <summary>Gather: 1, for an index may be out of range.</summary>
    public int MayFail;

    /// <summary>1 from a run that failed on until the session has told of it.</summary>
    public int HasFailed;

    /// <summary>Gather: the index that was out of range, or one of several.</summary>
    public float WrongIndex;

    /// <summary>Working memory of the kernel; its size is the plan builder's business.</summary>
    public float* Scratch;

    /// <summary>What a kernel's own plan needs: tables of Relayout, frames and pooling.</summary>
    public void* Table;
    public int TableLength;

    /// <summary>Conv2d: how the output is cut into tiles.</summary>
    public ConvTile* Tiles;
    public int TileCount;

    /// <summary>Conv2d: the tiles and row blocks of each worker.</summary>
    public ConvShare* Shares;
}
