using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Where convolution kernels read and write.</summary>
internal static unsafe class ConvPointers
{
    /// <summary>The offset in bytes that an index stands for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Offset<TIndex>(TIndex* index, nuint unit)
        where TIndex : unmanaged =>
        (typeof(TIndex) == typeof(ushort) ? *(ushort*)index : *(uint*)index) * unit;

    /// <summary>Bytes of an index: a constant, but for kernels of either width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint WidthOf<TIndex>(Step* step)
        where TIndex : unmanaged =>
        typeof(TIndex) == typeof(EitherWidth) ? step->IndexWidth : (nuint)sizeof(TIndex);

    /// <summary>The offset in bytes that an index of so many bytes stands for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Offset<TIndex>(byte* index, nuint width, nuint unit)
        where TIndex : unmanaged =>
        (typeof(TIndex) == typeof(ushort) || (typeof(TIndex) == typeof(EitherWidth) && width == sizeof(ushort)) ? *(ushort*)index : *(uint*)index) * unit;

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

    /// <summary>The same for indices of so many bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Offsets<TIndex>(byte* index, nuint width, nuint unit, out nuint i, out nuint j, out nuint k, out nuint l)
        where TIndex : unmanaged
    {
        if (typeof(TIndex) == typeof(ushort) || (typeof(TIndex) == typeof(EitherWidth) && width == sizeof(ushort)))
        {
            Offsets((ushort*)index, unit, out i, out j, out k, out l);
        }
        else
        {
            Offsets((uint*)index, unit, out i, out j, out k, out l);
        }
    }

    /// <summary>The input as vector <paramref name="v"/> sees it: for an offset of 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Source(Step* step, ConvTile* tile, int v) => (byte*)step->Input.Start + tile->Source[v];

    /// <summary>
    /// Vector <paramref name="v"/> of a tile's input for an offset. Where vectors are contiguous, x64 adds up first, offset and a
    /// constant in the load itself; Arm has no such addresses, but loads at a constant from one.
    /// </summary>
    /// <param name="at">The address of vector 0 for the offset.</param>
    /// <param name="first">What <see cref="Source"/> gave for vector 0.</param>
    /// <param name="source">What it gave for vector v; unused where vectors are contiguous, which costs no register.</param>
    /// <param name="offset">The offset, in bytes.</param>
    /// <param name="v">Which vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TPlaces, TOps, TVector>(byte* at, byte* first, byte* source, nuint offset, int v)
        where TPlaces : struct, IPlaces
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged =>
        TOps.Load(
            !TPlaces.AreContiguous ? (float*)(source + offset)
            : AdvSimd.IsSupported ? (float*)at + (v * TOps.Count)
            : (float*)(first + offset) + (v * TOps.Count));

    /// <summary>Where the first vector of a row goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Target(Step* step, ConvTile* tile, int row) =>
        step->Output.Slots + ((nint)row * step->Output.ChannelStride) + tile->Target[0];
}

/// <summary>
/// Stands for the type of an index where one kernel reads both widths. To decide for each index costs 2 to 4 % of the time where it
/// serves four weights, so that only kernels that have more to do for an index, or that matter less, do so.
/// </summary>
internal readonly struct EitherWidth;
