using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// How the sums of a convolution's tile begin and end. They start from the bias, or from what the chunk before has left. A value
/// that is added to the layer's result is stored first, with the bias, and not added last, because the result may lie where that
/// value does. After the last chunk kernels bring sums between the layer's bounds; other activations follow here. Both passes are
/// over a tile that is in the cache, and keep calls out of the kernels' loops, which need all registers.
/// </summary>
internal static unsafe class ConvSums
{
    /// <summary>Whether sums start from the bias alone, not from the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreFresh(Step* step, int chunk) => chunk == 0 && step->Input1.Slots == null;

    /// <summary>Stores bias and added value where a worker's rows of a tile go, if a value is added.</summary>
    /// <param name="step">The step.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="share">The worker's rows.</param>
    /// <param name="count">Elements of a vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Start(Step* step, ConvTile* tile, ConvShare* share, int count)
    {
        if (step->Input1.Slots != null)
        {
            Add(step, tile, FirstRow(step, share->FirstBlock), FirstRow(step, share->EndBlock), count);
        }
    }

    /// <summary>The same for rows given by number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Start(Step* step, ConvTile* tile, int firstRow, int endRow, int count)
    {
        if (step->Input1.Slots != null)
        {
            Add(step, tile, firstRow, endRow, count);
        }
    }

    /// <summary>The activation over what has been stored, unless bounds are all of it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="share">The worker's rows.</param>
    /// <param name="count">Elements of a vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Activate(Step* step, ConvTile* tile, ConvShare* share, int count)
    {
        if (step->Activation > Activation.Clip)
        {
            Apply(step, tile, FirstRow(step, share->FirstBlock), FirstRow(step, share->EndBlock), count);
        }
    }

    /// <summary>The same for rows given by number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Activate(Step* step, ConvTile* tile, int firstRow, int endRow, int count)
    {
        if (step->Activation > Activation.Clip)
        {
            Apply(step, tile, firstRow, endRow, count);
        }
    }

    /// <summary>The row with which a block begins.</summary>
    private static int FirstRow(Step* step, int block)
    {
        int blocksOfGroup = step->RowBlocks / step->Groups;
        int rowsOfGroup = step->Rows / step->Groups;
        return (block / blocksOfGroup * rowsOfGroup) + (block % blocksOfGroup * step->BlockRows);
    }

    private static void Add(Step* step, ConvTile* tile, int firstRow, int endRow, int count)
    {
        for (int row = firstRow; row < endRow; row++)
        {
            float* added = step->Input1.Slots + ((nint)row * step->Input1.ChannelStride);
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            for (int v = 0; v < tile->Vectors; v++)
            {
                TensorPrimitives.Add(
                    new ReadOnlySpan<float>(added + tile->Residual[v], count), step->Bias[row], new Span<float>(y + tile->Target[v], count));
            }
        }
    }

    private static void Apply(Step* step, ConvTile* tile, int firstRow, int endRow, int count)
    {
        for (int row = firstRow; row < endRow; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            for (int v = 0; v < tile->Vectors; v++)
            {
                Activations.Apply(y + tile->Target[v], count, step->Activation, step->ActivationA, step->ActivationB);
            }
        }
    }
}
