namespace EdgeSparse.Runtime.Offload;

/// <summary>The kernels that an accelerator has. Their numbers are part of blobs with device code: new ones go to the end.</summary>
internal enum DeviceKernel
{
    /// <summary>Sparse matrix of rows times pixels: convolutions, and fully connected layers of a batch.</summary>
    SparseRows = 0,

    /// <summary>Sparse or dense matrix in units of four rows times pixels.</summary>
    SparseQuads = 1,

    /// <summary>Sparse matrix of rows times one vector.</summary>
    VectorRows = 2,

    /// <summary>Sparse or dense matrix in units of four rows times one vector.</summary>
    VectorQuads = 3,
    Depthwise = 4,
    MaxPool = 5,
    AveragePool = 6,

    /// <summary>A vector of each sample to one matrix [elements, samples].</summary>
    GatherBatch = 7,

    /// <summary>The reverse, with what is added and the activation.</summary>
    ScatterBatch = 8,
    Activate = 9,
    ChannelAffine = 10,

    /// <summary>A function of two operands in the same regions, or of one with a number a channel.</summary>
    Binary = 11,

    /// <summary>A function of two planar operands that are repeated along dimensions.</summary>
    Broadcast = 12,
    Select = 13,
    Relayout = 14,
    FrameFill = 15,
    Rearrange = 16,
    Channels = 17,
    GlobalPool = 18,
    Softmax = 19,
    Normalise = 20,
    Reduce = 21,
    ArgReduce = 22,
    TopK = 23,
    Resample = 24,
    LocalResponse = 25,
    MatMul = 26,

    /// <summary>Constants of the network into the arena.</summary>
    Fill = 27,

    /// <summary>Elements along a dimension at indices that are activations.</summary>
    Gather = 28,
}
