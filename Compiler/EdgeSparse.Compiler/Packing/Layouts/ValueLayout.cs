using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Where the pixels of an activation lie in its memory, in elements, as <see cref="ValueRecord"/> says. The order is [row of
/// slots][channel][column of slots]: a tile's row of slots lies side by side, and all channels of it within a few pages.
/// </summary>
internal sealed record ValueLayout(
    PlaneShape Shape, RegionGeometry Geometry, Halo Halo, Frame Frame, int Origin, int RowStride, int ChannelStride, int Elements)
{
    /// <summary>Elements of a 64-byte line, the widest vector.</summary>
    public const int Line = 16;

    /// <summary>Byte offsets inside a value are 32-bit in the kernels' tables.</summary>
    private const int MostElements = (int.MaxValue / sizeof(float)) + 1 - Line;

    /// <summary>Rows a multiple of this apart fall into the same few cache sets.</summary>
    private const int Page = 4096 / sizeof(float);

    /// <summary>
    /// Channels a multiple of four lines apart fall into a quarter of the cache's sets or fewer; a tile that takes a part of each
    /// channel's row of slots would then push itself out.
    /// </summary>
    private const int Sets = 4 * Line;

    /// <summary>Slots of a row that is more than one tile.</summary>
    private const int LongRow = 9;

    /// <summary>Contiguous pixels in row-major order; what a fully connected layer reads and a network gives out.</summary>
    /// <param name="owner">The value's name, for messages.</param>
    /// <param name="shape">The map.</param>
    /// <exception cref="PackingException">More elements than the kernels can count.</exception>
    public static ValueLayout Planar(string owner, PlaneShape shape)
    {
        // A kernel may load and store whole vectors at the last pixel.
        long pixels = (long)shape.Channels * shape.Height * shape.Width;
        int elements = Reserved(owner, pixels + Line - 1);
        return new ValueLayout(shape, RegionGeometry.Planar(shape), default, Frame.None, 0, shape.Width, shape.Height * shape.Width, elements);
    }

    /// <summary>Slots of all lanes.</summary>
    /// <param name="owner">The value's name, for messages.</param>
    /// <param name="shape">The map.</param>
    /// <param name="geometry">A grid, or flat.</param>
    /// <param name="halo">Slots around each region.</param>
    /// <param name="frame">What is beyond the map.</param>
    /// <exception cref="PackingException">More elements than the kernels can count.</exception>
    public static ValueLayout Blocked(string owner, PlaneShape shape, RegionGeometry geometry, Halo halo, Frame frame)
    {
        long channelStride = ((long)halo.Left + geometry.RegionX + halo.Right) * geometry.Lanes;
        if (channelStride >= LongRow * geometry.Lanes && channelStride % Sets == 0)
        {
            channelStride += geometry.Lanes;
        }

        long rowStride = shape.Channels * channelStride;
        if (rowStride % Page == 0)
        {
            rowStride += Math.Max(Line, geometry.Lanes);
        }

        long rows = (long)halo.Top + geometry.RegionY + halo.Bottom;
        int elements = Reserved(owner, (Int128)rows * rowStride);
        long origin = (halo.Top * rowStride) + ((long)halo.Left * geometry.Lanes);
        return new ValueLayout(shape, geometry, halo, frame, (int)origin, (int)rowStride, (int)channelStride, elements);
    }

    /// <summary>Offset of lane 0 of a slot, which may be one of the halo, from the value's start.</summary>
    public long OffsetOf(int channel, long slotY, long slotX) =>
        Origin + (slotY * RowStride) + ((long)channel * ChannelStride) + (slotX * Geometry.Lanes);

    /// <summary>Offset of a pixel of the map from the value's start.</summary>
    public long PixelOffset(int channel, int y, int x)
    {
        RegionGeometry g = Geometry;
        if (g.IsFlat)
        {
            int pixel = (y * Shape.Width) + x;
            int slot = pixel % g.Slots;
            return OffsetOf(channel, slot / g.RegionX, slot % g.RegionX) + (pixel / g.Slots);
        }

        int laneY = Math.Min(y / g.RegionY, g.GridY - 1);
        int laneX = Math.Min(x / g.RegionX, g.GridX - 1);
        return OffsetOf(channel, y - (laneY * g.RegionY), x - (laneX * g.RegionX)) + (laneY * g.GridX) + laneX;
    }

    private static int Reserved(string owner, Int128 elements)
    {
        Int128 reserved = (elements + Line - 1) / Line * Line;
        return reserved <= MostElements
            ? (int)reserved
            : throw new PackingException($"the activation '{owner}' needs {reserved} elements with its padding; {MostElements} are possible");
    }
}
