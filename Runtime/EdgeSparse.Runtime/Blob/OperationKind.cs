namespace EdgeSparse.Runtime.Blob;

/// <summary>What a step of the plan computes; docs/format.md has the parameters in a table.</summary>
internal enum OperationKind : uint
{
    Linear = 1,
    Conv2d = 2,
    MaxPool = 3,
    AveragePool = 4,

    /// <summary>The activation alone.</summary>
    Activate = 5,

    /// <summary>Over the middle of (outer, length, inner), planar; parameters: these three. Function 1: its natural logarithm.</summary>
    Softmax = 6,
    Add = 7,

    /// <summary>
    /// Copies pixels from one layout to another, frame included. Where the shapes differ, one of the two values is planar and is
    /// taken in row-major order for the shape of the other.
    /// </summary>
    Relayout = 8,

    /// <summary>Mean of each channel over the whole map; the output is a planar vector.</summary>
    GlobalAveragePool = 9,

    /// <summary>Per-channel y = x·scale + shift, for a BatchNorm that could not be folded: Dense weight [C, 1] and its bias.</summary>
    ChannelAffine = 10,

    // From here on Function and the parameters (int32 unless said otherwise, at DataParameters) say more. "Planar" operands are
    // taken in row-major order whatever the shapes of their values; the parameters have the shapes. Strides are in elements.

    /// <summary>
    /// <see cref="ElementFunction"/> of Input0 and Input1. Without parameters: the same regions, in any layout, or Input1 a planar
    /// vector of one element a channel. With parameters: planar; rank, then (length, stride in Input0, stride in Input1) for each
    /// dimension of the output, 0 where the operand is repeated.
    /// </summary>
    Binary = 11,

    /// <summary>
    /// Input1 where Input0 is not 0, else Input2. Planar; rank, then (length, strides in Input0, Input1, Input2) for each dimension.
    /// </summary>
    Select = 12,

    /// <summary>
    /// Copies elements by separable places: output element Offset + Σ o[d]·stride[d] is input element Σ place[d][o[d]], or
    /// ActivationA where a place is −1. Planar; rank, Offset, then (length, stride) for each dimension, then the places of
    /// each dimension, length of them. A value may be written by several of these, each a part.
    /// </summary>
    Rearrange = 13,

    /// <summary>
    /// Copies whole channels: (output channel, input channel) pairs. Same map, lanes, grid and regions. A value may be written by
    /// several of these, each a part.
    /// </summary>
    Channels = 14,

    /// <summary><see cref="ReductionFunction"/> over the middle of (outer, length, inner). Planar; these three.</summary>
    Reduce = 15,

    /// <summary>
    /// The first k of the elements sorted over the middle of (outer, length, inner). Planar; these, then k, 1 for the largest,
    /// 1 for their indices. Of equal elements the one with the lower index comes first.
    /// </summary>
    TopK = 16,

    /// <summary>
    /// Output (outer, o, inner) is Σ weight[o, t] · input (outer, place[o, t], inner). Planar; outer, length of the input, inner,
    /// length of the output, taps, then the places [length, taps], then the weights, fp32 [length, taps].
    /// </summary>
    Resample = 17,

    /// <summary>(x − mean) / sqrt(variance + ActivationA) of each row. Planar; rows, length.</summary>
    Normalise = 18,

    /// <summary>
    /// x · (bias + alpha/size · Σ x²)^−beta, the sum over channels c − ⌊(size−1)/2⌋ to c + ⌈(size−1)/2⌉. Same regions; size, then
    /// fp32 alpha, beta, bias.
    /// </summary>
    LocalResponse = 19,

    /// <summary>
    /// Matrix products [m, k] · [k, n]. Planar; m, k, n, rank, then (length, stride in Input0, stride in Input1) for each dimension
    /// over which the products are repeated, strides in elements. Output row-major [..., m, n].
    /// </summary>
    MatMul = 20,

    /// <summary>Maximum of each channel over the whole map; the output is a planar vector.</summary>
    GlobalMaxPool = 21,

    /// <summary>
    /// No input: the parameters are the output's elements, fp32, planar. Done once when a session is made; nothing writes over it.
    /// </summary>
    Constant = 22,

    /// <summary>
    /// Elements of the middle of (outer, length, inner), Input0, at the indices in Input1, of which negative ones count from the end.
    /// Planar; these three, then the number of indices. An index that is out of range ends the run with an error.
    /// </summary>
    Gather = 23,
}
