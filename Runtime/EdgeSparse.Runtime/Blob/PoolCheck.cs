namespace EdgeSparse.Runtime.Blob;

/// <summary>Pooling: windows inside the input's slots, with what they need around the map, each with a pixel.</summary>
internal static unsafe class PoolCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        OperationRecord* step = blob.Operations + i;
        if (x.Channels != y.Channels)
        {
            throw OperationCheck.Wrong(blob, i, "it has " + x.Channels + " input and " + y.Channels + " output channels");
        }

        WindowCheck.CheckReach(blob, i, in x, in y);
        WindowCheck.CheckPixels(blob, i, in x, in y);
        if (!WindowCheck.NeedsFrame(step, in x, in y))
        {
            return;
        }

        // Zero does for a maximum where no pixel is negative, which only the packer can know.
        bool maximum = step->Kind == OperationKind.MaxPool;
        if (maximum ? x.Frame == Frame.None : x.Frame != Frame.Zero)
        {
            throw WindowCheck.WrongFrame(blob, i, in x, maximum ? "Lowest or Zero" : "Zero");
        }
    }

    /// <summary>A planar vector of one element a channel.</summary>
    public static void CheckGlobal(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        if (y.Channels != x.Channels || y.Height != 1 || y.Width != 1)
        {
            throw OperationCheck.Wrong(blob, i, "its output of " + y.Channels + "x" + y.Height + "x" + y.Width
                + " is not the vector of its input's " + x.Channels + " channels");
        }
    }
}
