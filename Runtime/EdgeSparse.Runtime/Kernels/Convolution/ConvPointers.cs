using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>What the loops of convolution kernels have in common: addresses, starting sums and what happens to finished ones.</summary>
internal static unsafe class ConvPointers<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    /// <summary>The offset in bytes that an index stands for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Offset<TIndex>(TIndex* index, int shift)
        where TIndex : unmanaged =>
        (nuint)(typeof(TIndex) == typeof(ushort) ? *(ushort*)index : *(uint*)index) << shift;

    /// <summary>Vector <paramref name="v"/> of a tile at an offset from the tile's first vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(byte* x, nuint offset, int v) => TOps.Load((float*)(x + offset) + (v * TOps.Count));

    /// <summary>The input as vector <paramref name="v"/> sees it: for an offset of 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Source(Step* step, ConvTile* tile, int v) => (byte*)step->Input.Start + tile->Source[v];

    /// <summary>
    /// What a sum starts from: the bias and what is added to the layer's result, or what the chunk before has left. The added value
    /// comes first and not last, because the result may be written over it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Start(Step* step, ConvTile* tile, int row, float* y, int v, bool first)
    {
        if (!first)
        {
            return TOps.Load(y + tile->Target[v]);
        }

        TVector sum = TOps.Broadcast(step->Bias[row]);
        return step->Input1.Slots == null
            ? sum
            : TOps.Add(sum, TOps.Load(step->Input1.Slots + ((nint)row * step->Input1.ChannelStride) + tile->Residual[v]));
    }

    /// <summary>Stores a sum, after the last chunk between the layer's bounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Step* step, ConvTile* tile, float* y, int v, TVector sum, bool last) =>
        TOps.Store(last ? TOps.Clamp(step, sum) : sum, y + tile->Target[v]);

    /// <summary>The activations that are no bounds, over what has been stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Activate(Step* step, ConvTile* tile, float* y, bool last)
    {
        if (last && step->Activation > Blob.Activation.Clip)
        {
            ActivateStored(step, tile, y);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ActivateStored(Step* step, ConvTile* tile, float* y)
    {
        for (int v = 0; v < tile->Vectors; v++)
        {
            Activations.Apply(y + tile->Target[v], TOps.Count, step->Activation, step->ActivationA, step->ActivationB);
        }
    }
}
