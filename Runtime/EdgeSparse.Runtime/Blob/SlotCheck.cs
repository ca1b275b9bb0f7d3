namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// The layout of a value: lanes, grid and regions that hold the whole map; no two slots at one place; every slot, halo included,
/// inside the value's elements.
/// </summary>
internal static unsafe class SlotCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord value)
    {
        if (value.Lanes is not (1 or 4 or 8 or 16))
        {
            throw ValueCheck.Wrong(blob, i, "it has " + value.Lanes + " lanes; 1, 4, 8 and 16 are allowed");
        }

        if (value.HaloTop < 0 || value.HaloLeft < 0 || value.HaloBottom < 0 || value.HaloRight < 0)
        {
            throw ValueCheck.Wrong(blob, i, "a halo is negative");
        }

        CheckFrame(blob, i, in value);
        CheckRegion(blob, i, in value);
        CheckStrides(blob, i, in value);
        CheckReach(blob, i, in value);
    }

    /// <summary>Whether the value has slots beyond its region.</summary>
    public static bool HasHalo(in ValueRecord value) =>
        (value.HaloTop | value.HaloLeft | value.HaloBottom | value.HaloRight) != 0;

    private static void CheckFrame(BlobView blob, int i, in ValueRecord value)
    {
        if (value.Frame > Frame.Lowest)
        {
            throw ValueCheck.Wrong(blob, i, "its frame is " + (uint)value.Frame + "; 0 (None) to 2 (Lowest) are known");
        }

        if (value.Frame == Frame.None && HasHalo(in value))
        {
            throw ValueCheck.Wrong(blob, i, "it has a halo, but no frame");
        }
    }

    private static void CheckRegion(BlobView blob, int i, in ValueRecord value)
    {
        if (value.Lanes == 1)
        {
            if (value.GridY != 1 || value.GridX != 1 || value.RegionY != value.Height || value.RegionX != value.Width
                || HasHalo(in value) || value.Frame != Frame.None)
            {
                throw ValueCheck.Wrong(blob, i, "it has 1 lane, but its grid " + value.GridY + "x" + value.GridX + ", region "
                    + value.RegionY + "x" + value.RegionX + ", halo or frame is not that of a planar value");
            }

            return;
        }

        if (value.RegionY < 1 || value.RegionX < 1)
        {
            throw ValueCheck.Wrong(blob, i, "its region of " + value.RegionY + "x" + value.RegionX + " slots is empty");
        }

        if (value.GridY == 0 && value.GridX == 0)
        {
            if (HasHalo(in value))
            {
                throw ValueCheck.Wrong(blob, i, "it is flat, but has a halo");
            }

            RequireCover(blob, i, in value, (Int128)value.Lanes * value.RegionY * value.RegionX >= (Int128)value.Height * value.Width);
            return;
        }

        if (value.GridY < 1 || value.GridX < 1 || (long)value.GridY * value.GridX != value.Lanes)
        {
            throw ValueCheck.Wrong(blob, i, "its grid of " + value.GridY + "x" + value.GridX + " does not have its " + value.Lanes + " lanes");
        }

        RequireCover(
            blob, i, in value,
            ((long)value.GridY * value.RegionY) + value.HaloBottom >= value.Height
                && ((long)value.GridX * value.RegionX) + value.HaloRight >= value.Width);
    }

    private static void RequireCover(BlobView blob, int i, in ValueRecord value, bool covers)
    {
        if (!covers)
        {
            throw ValueCheck.Wrong(blob, i, "its " + value.Lanes + " lanes of " + value.RegionY + "x" + value.RegionX
                + " slots do not hold its map of " + value.Height + "x" + value.Width);
        }
    }

    private static void CheckStrides(BlobView blob, int i, in ValueRecord value)
    {
        if (value.Origin % value.Lanes != 0 || value.RowStride % value.Lanes != 0 || value.ChannelStride % value.Lanes != 0)
        {
            throw ValueCheck.Wrong(blob, i, "its origin " + value.Origin + ", row stride " + value.RowStride + " or channel stride "
                + value.ChannelStride + " is no multiple of its " + value.Lanes + " lanes");
        }

        bool fits;
        if (value.Lanes == 1)
        {
            fits = value.RowStride == value.Width && value.ChannelStride == (long)value.Height * value.Width;
        }
        else
        {
            // A row of slots of every channel side by side, or all rows of a channel one after the other.
            long row = SlotColumns(in value) * value.Lanes;
            bool rowsOutside = value.ChannelStride >= row && value.RowStride >= (long)value.Channels * value.ChannelStride;
            bool channelsOutside = value.RowStride >= row && value.ChannelStride >= SlotRows(in value) * value.RowStride;
            fits = rowsOutside || channelsOutside;
        }

        if (!fits)
        {
            throw ValueCheck.Wrong(blob, i, "its row stride " + value.RowStride + " and channel stride " + value.ChannelStride
                + (value.Lanes == 1 ? " are not those of a planar value" : " let its rows or channels of slots overlap"));
        }
    }

    private static void CheckReach(BlobView blob, int i, in ValueRecord value)
    {
        long first = value.Origin - ((long)value.HaloTop * value.RowStride) - ((long)value.HaloLeft * value.Lanes);
        Int128 end = value.Origin
            + ((value.Channels - 1) * (Int128)value.ChannelStride)
            + ((SlotRows(in value) - value.HaloTop - 1) * (Int128)value.RowStride)
            + ((SlotColumns(in value) - value.HaloLeft) * (Int128)value.Lanes);
        if (value.Origin < 0 || first < 0 || end > value.Elements)
        {
            throw ValueCheck.Wrong(blob, i, "its slots reach beyond its " + value.Elements + " elements");
        }
    }

    private static long SlotRows(in ValueRecord value) => (long)value.HaloTop + value.RegionY + value.HaloBottom;

    private static long SlotColumns(in ValueRecord value) => (long)value.HaloLeft + value.RegionX + value.HaloRight;
}
