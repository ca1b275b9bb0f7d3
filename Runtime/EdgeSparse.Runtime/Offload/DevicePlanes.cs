using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// A value's slots in the arena of a sample on an accelerator; <see cref="ValueRecord"/> says what they are. All numbers are in
/// elements from the start of that arena. Kernels get it by value, so that it has nothing but 32-bit numbers.
/// </summary>
internal struct DevicePlanes
{
    /// <summary>The value's first element, which a convolution's offsets count from.</summary>
    public int Start;

    /// <summary>Lane 0 of slot (0, 0) of channel 0; of a planar value pixel (0, 0).</summary>
    public int Slots;
    public int Channels;
    public int Height;
    public int Width;
    public int Lanes;

    /// <summary>0 for flat values.</summary>
    public int GridY;
    public int GridX;
    public int RegionY;
    public int RegionX;
    public int RowStride;
    public int ChannelStride;

    /// <summary>Elements of a channel's region: those of one row of slots, and of all.</summary>
    public readonly int RowElements => RegionX * Lanes;

    public readonly int MapElements => RegionY * RegionX * Lanes;

    /// <summary>Pixels of all channels.</summary>
    public readonly int Count => Channels * Height * Width;

    public readonly bool IsPlanar => Lanes == 1;

    /// <summary>Whether two values have their pixels in the same lanes of the same slots, whatever their strides and halos.</summary>
    public readonly bool HasRegionsOf(in DevicePlanes other) =>
        Lanes == other.Lanes && GridY == other.GridY && GridX == other.GridX && RegionY == other.RegionY && RegionX == other.RegionX;

    /// <summary>The pixel y·Width + x that a lane of a slot holds, −1 where the map has none.</summary>
    public static int PixelOf(DevicePlanes planes, int lane, int row, int column)
    {
        if (planes.GridY == 0)
        {
            int flat = (((lane * planes.RegionY) + row) * planes.RegionX) + column;
            return flat < planes.Height * planes.Width ? flat : -1;
        }

        int y = (lane / planes.GridX * planes.RegionY) + row;
        int x = (lane % planes.GridX * planes.RegionX) + column;
        return y >= 0 & y < planes.Height & x >= 0 & x < planes.Width ? (y * planes.Width) + x : -1;
    }

    /// <summary>Elements from slot (0, 0) of a channel to a pixel.</summary>
    public static int PlaceOf(DevicePlanes planes, int pixel)
    {
        if (planes.GridY == 0)
        {
            int region = planes.RegionY * planes.RegionX;
            int lane = pixel / region;
            int slot = pixel - (lane * region);
            return (slot / planes.RegionX * planes.RowStride) + (slot % planes.RegionX * planes.Lanes) + lane;
        }

        int y = pixel / planes.Width;
        int x = pixel - (y * planes.Width);
        int laneY = y / planes.RegionY;
        int laneX = x / planes.RegionX;
        laneY = laneY < planes.GridY ? laneY : planes.GridY - 1;
        laneX = laneX < planes.GridX ? laneX : planes.GridX - 1;
        return ((y - (laneY * planes.RegionY)) * planes.RowStride) + ((x - (laneX * planes.RegionX)) * planes.Lanes)
            + (laneY * planes.GridX) + laneX;
    }

    public static DevicePlanes Of(in ValueRecord value)
    {
        int start = (int)(value.ArenaOffset / sizeof(float));
        return new DevicePlanes
        {
            Start = start,
            Slots = start + value.Origin,
            Channels = value.Channels,
            Height = value.Height,
            Width = value.Width,
            Lanes = value.Lanes,
            GridY = value.GridY,
            GridX = value.GridX,
            RegionY = value.RegionY,
            RegionX = value.RegionX,
            RowStride = value.RowStride,
            ChannelStride = value.ChannelStride,
        };
    }
}
