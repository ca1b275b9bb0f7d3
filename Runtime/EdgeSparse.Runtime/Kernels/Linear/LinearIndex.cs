using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Columns of weights with 16- or 32-bit indices.</summary>
internal static unsafe class LinearIndex
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Of<TIndex>(TIndex* index)
        where TIndex : unmanaged => typeof(TIndex) == typeof(ushort) ? *(ushort*)index : *(uint*)index;

    /// <summary>Four at once: narrow ones come with one load, and loads are what sparse kernels have the least of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Four<TIndex>(TIndex* index, out nuint i, out nuint j, out nuint k, out nuint l)
        where TIndex : unmanaged => ConvPointers.Offsets(index, 1, out i, out j, out k, out l);
}
