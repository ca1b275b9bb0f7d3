using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>How a test's value is laid out; the default is planar.</summary>
internal sealed record Slots
{
    public static Slots Planar { get; } = new();

    public int Lanes { get; init; } = 1;

    public int GridY { get; init; } = 1;

    public int GridX { get; init; } = 1;

    /// <summary>The least that holds the map, unless it is given.</summary>
    public int RegionY { get; init; }

    public int RegionX { get; init; }

    public int Top { get; init; }

    public int Left { get; init; }

    public int Bottom { get; init; }

    public int Right { get; init; }

    public Frame Frame { get; init; }

    /// <summary>All rows of a channel one after the other, not a row of all channels.</summary>
    public bool ChannelsOutside { get; init; }

    /// <summary>Slots after a row (of a channel) that belong to nothing.</summary>
    public int RowGap { get; init; }

    /// <summary>Slots after the outer of the two strides that belong to nothing.</summary>
    public int OuterGap { get; init; }

    /// <summary>Slots before the first.</summary>
    public int Before { get; init; }

    /// <summary>Elements at the value's end that belong to nothing, before it is rounded up to 16.</summary>
    public int Slack { get; init; }

    /// <summary>A grid of lanes without halo.</summary>
    public static Slots Grid(int gridY, int gridX) => new() { Lanes = gridY * gridX, GridY = gridY, GridX = gridX };

    /// <summary>A grid of lanes with as much halo on each side, of zeros unless another frame is given.</summary>
    public static Slots Grid(int gridY, int gridX, int halo, Frame frame = Frame.Zero) => Grid(gridY, gridX) with
    {
        Top = halo,
        Left = halo,
        Bottom = halo,
        Right = halo,
        Frame = frame,
    };

    public static Slots Flat(int lanes) => new() { Lanes = lanes, GridY = 0, GridX = 0 };

    /// <summary>The record, but for its name and place in the arena.</summary>
    public ValueRecord Lay(int channels, int height, int width)
    {
        bool flat = GridY == 0;
        int regionX = RegionX != 0 ? RegionX : flat ? (((height * width) + Lanes - 1) / Lanes) : (width + GridX - 1) / GridX;
        int regionY = RegionY != 0 ? RegionY : flat ? 1 : (height + GridY - 1) / GridY;
        int row = (Left + regionX + Right + RowGap) * Lanes;
        int rows = Top + regionY + Bottom;
        int rowStride = row;
        int channelStride = row;
        if (ChannelsOutside || Lanes == 1)
        {
            channelStride = (rows * row) + (OuterGap * Lanes);
        }
        else
        {
            rowStride = (channels * row) + (OuterGap * Lanes);
        }

        int origin = (Before * Lanes) + (Top * rowStride) + (Left * Lanes);
        long end = origin + ((channels - 1L) * channelStride) + ((regionY + Bottom - 1L) * rowStride) + ((regionX + Right) * Lanes);
        return new ValueRecord
        {
            Channels = channels,
            Height = height,
            Width = width,
            Lanes = Lanes,
            GridY = GridY,
            GridX = GridX,
            RegionY = regionY,
            RegionX = regionX,
            Origin = origin,
            RowStride = rowStride,
            ChannelStride = channelStride,
            HaloTop = Top,
            HaloLeft = Left,
            HaloBottom = Bottom,
            HaloRight = Right,
            Frame = Frame,
            Elements = (end + Slack + 15) / 16 * 16,
        };
    }
}
