using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>The slots of a value in a session's arena; <see cref="ValueRecord"/> says what they are.</summary>
internal unsafe struct Planes
{
    /// <summary>The value's first element, which a convolution's indices count from.</summary>
    public float* Start;

    /// <summary>Lane 0 of slot (0, 0) of channel 0; of a planar value pixel (0, 0).</summary>
    public float* Slots;
    public int Channels;
    public int Height;
    public int Width;
    public int Lanes;
    public int GridY;
    public int GridX;
    public int RegionY;
    public int RegionX;

    /// <summary>Elements from a row of slots to the next.</summary>
    public int RowStride;

    /// <summary>Elements from a channel to the next.</summary>
    public int ChannelStride;
    public int HaloTop;
    public int HaloLeft;
    public int HaloBottom;
    public int HaloRight;
    public Frame Frame;

    /// <summary>Elements of the value, halo included.</summary>
    public int Elements;

    /// <summary>Pixels of all channels.</summary>
    public readonly int Count => Channels * Height * Width;

    /// <summary>Pixels in row-major order, lanes of one.</summary>
    public readonly bool IsPlanar => Lanes == 1;

    /// <summary>Rows of slots, halo included.</summary>
    public readonly int SlotRows => HaloTop + RegionY + HaloBottom;

    /// <summary>Columns of slots, halo included.</summary>
    public readonly int SlotColumns => HaloLeft + RegionX + HaloRight;

    /// <summary>Lane 0 of a slot, which may be one of the halo.</summary>
    public readonly float* Slot(int channel, int ry, int rx) =>
        Slots + ((nint)channel * ChannelStride) + ((nint)ry * RowStride) + ((nint)rx * Lanes);

    /// <summary>The pixel y·Width + x that a lane of a slot holds, −1 where the map has none.</summary>
    public readonly int PixelOf(int lane, int ry, int rx)
    {
        if (GridY == 0)
        {
            long pixel = (((long)lane * RegionY) + ry) * RegionX + rx;
            return pixel < (long)Height * Width ? (int)pixel : -1;
        }

        int y = (lane / GridX * RegionY) + ry;
        int x = (lane % GridX * RegionX) + rx;
        return y >= 0 && y < Height && x >= 0 && x < Width ? (y * Width) + x : -1;
    }

    /// <summary>Whether two values have their pixels in the same lanes of the same slots, whatever their strides and halos.</summary>
    public readonly bool HasRegionsOf(in Planes other) =>
        Lanes == other.Lanes && GridY == other.GridY && GridX == other.GridX && RegionY == other.RegionY && RegionX == other.RegionX;
}
