using System.Runtime.CompilerServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// What the loops of convolution kernels have in common. A sum starts from the bias and from what is added to the layer's result,
/// or from what the chunk before has left; the added value comes first and not last, because the result may be written over it.
/// After the last chunk it is brought between the layer's bounds.
/// </summary>
internal static unsafe class ConvPointers
{
    /// <summary>The offset in bytes that an index stands for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Offset<TIndex>(TIndex* index, nuint unit)
        where TIndex : unmanaged =>
        (typeof(TIndex) == typeof(ushort) ? *(ushort*)index : *(uint*)index) * unit;

    /// <summary>The offsets in bytes of four indices, which are loaded at once: loads are what these kernels have the least of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Offsets<TIndex>(TIndex* index, nuint unit, out nuint i, out nuint j, out nuint k, out nuint l)
        where TIndex : unmanaged
    {
        if (typeof(TIndex) == typeof(ushort))
        {
            ulong four = *(ulong*)index;
            i = (ushort)four * unit;
            j = (ushort)(four >> 16) * unit;
            k = (ushort)(four >> 32) * unit;
            l = (nuint)(four >> 48) * unit;
        }
        else
        {
            ulong two = *(ulong*)index;
            i = (uint)two * unit;
            j = (nuint)(two >> 32) * unit;
            two = *(ulong*)(index + 2);
            k = (uint)two * unit;
            l = (nuint)(two >> 32) * unit;
        }
    }

    /// <summary>The input as vector <paramref name="v"/> sees it: for an offset of 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Source(Step* step, ConvTile* tile, int v) => (byte*)step->Input.Start + tile->Source[v];

    /// <summary>Where the first vector of a row goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Target(Step* step, ConvTile* tile, int row) =>
        step->Output.Slots + ((nint)row * step->Output.ChannelStride) + tile->Target[0];

    /// <summary>The channel of the added value that goes with a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Residual(Step* step, int row) => step->Input1.Slots + ((nint)row * step->Input1.ChannelStride);

    /// <summary>Whether there is an activation that is not done by bounds.</summary>
    public static bool HasActivation(Step* step) => step->Activation > Activation.Clip;

    /// <summary>The activation over what has been stored of a row.</summary>
    /// <param name="step">The step.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="y">Where its first vector went.</param>
    /// <param name="count">Elements of a vector.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Activate(Step* step, ConvTile* tile, float* y, int count)
    {
        for (int v = 0; v < tile->Vectors; v++)
        {
            Activations.Apply(
                y + (tile->Target[v] - tile->Target[0]), count, step->Activation, step->ActivationA, step->ActivationB);
        }
    }
}
