namespace EdgeSparse.Runtime.Blob;

/// <summary>How the layouts of a step's operands have to fit each other.</summary>
internal static unsafe class LayoutCheck
{
    /// <summary>Whether two values have the same pixels in the same lanes of the same slots, whatever their strides and halos.</summary>
    public static bool SameRegions(in ValueRecord a, in ValueRecord b) =>
        SameShape(in a, in b) && SameGrid(in a, in b) && a.RegionY == b.RegionY && a.RegionX == b.RegionX;

    public static bool SameShape(in ValueRecord a, in ValueRecord b) =>
        a.Channels == b.Channels && a.Height == b.Height && a.Width == b.Width;

    public static bool SameGrid(in ValueRecord a, in ValueRecord b) =>
        a.Lanes == b.Lanes && a.GridY == b.GridY && a.GridX == b.GridX;

    public static bool IsFlat(in ValueRecord value) => value.GridY == 0;

    public static void RequireEqualShapes(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        if (!SameShape(in x, in y))
        {
            throw OperationCheck.Wrong(blob, i, "its input of " + x.Channels + "x" + x.Height + "x" + x.Width + " and its output of "
                + y.Channels + "x" + y.Height + "x" + y.Width + " differ");
        }
    }

    public static void RequireSameRegions(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        RequireEqualShapes(blob, i, in x, in y);
        if (!SameRegions(in x, in y))
        {
            throw OperationCheck.Wrong(blob, i, "its input has " + Regions(in x) + ", its output " + Regions(in y));
        }
    }

    public static void RequirePlanar(BlobView blob, int i, string operand, in ValueRecord value)
    {
        if (value.Lanes != 1)
        {
            throw OperationCheck.Wrong(blob, i, "its " + operand + " has " + value.Lanes + " lanes; a planar one is needed");
        }
    }

    /// <summary>No pixel of a grid lies in the halo alone: a step computes the regions, and the halo is filled from them.</summary>
    public static void RequireRegionsHoldMap(BlobView blob, int i, in ValueRecord output)
    {
        if (!IsFlat(in output)
            && ((long)output.GridY * output.RegionY < output.Height || (long)output.GridX * output.RegionX < output.Width))
        {
            throw OperationCheck.Wrong(blob, i, "its output of " + output.Height + "x" + output.Width + " has pixels that are only in the "
                + "halo of " + Regions(in output));
        }
    }

    /// <summary>For messages, for example <c>16 lanes (4x4) of 7x7 slots</c>.</summary>
    public static string Regions(in ValueRecord value) => value.Lanes + " lanes (" + (IsFlat(in value) ? "flat" : value.GridY + "x" + value.GridX)
        + ") of " + value.RegionY + "x" + value.RegionX + " slots";
}
