using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Slots around each region.</summary>
internal readonly record struct Halo(int Top, int Left, int Bottom, int Right)
{
    public bool IsEmpty => this == default;

    /// <summary>The smallest halo that has room for both.</summary>
    public Halo Union(Halo other) => new(
        Math.Max(Top, other.Top), Math.Max(Left, other.Left), Math.Max(Bottom, other.Bottom), Math.Max(Right, other.Right));

    public bool Covers(Halo other) => Union(other) == this;

    /// <summary>
    /// What a window reaches around the regions of its input: padding above and to the left; below and to the right how far the
    /// window at the last slot goes, and the pixels of the map that no region has (those that no window reads included, so that
    /// a value always holds its whole map).
    /// </summary>
    public static Halo Of(Window2d window, RegionGeometry input, RegionGeometry output, PlaneShape map) => new(
        window.PadTop,
        window.PadLeft,
        Behind(output.RegionY, window.StrideY, window.KernelY, window.DilationY, window.PadTop, input.RegionY, input.GridY, map.Height),
        Behind(output.RegionX, window.StrideX, window.KernelX, window.DilationX, window.PadLeft, input.RegionX, input.GridX, map.Width));

    private static int Behind(
        int outputRegion, int stride, int kernel, int dilation, int pad, int inputRegion, int grid, int length)
    {
        long reached = ((outputRegion - 1L) * stride) + ((kernel - 1L) * dilation) - pad - (inputRegion - 1L);
        long left = length - ((long)grid * inputRegion);
        return checked((int)Math.Max(0, Math.Max(reached, left)));
    }
}
