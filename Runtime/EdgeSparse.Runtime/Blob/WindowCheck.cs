namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// Sliding windows: fields in range, regions that are related by the strides, every window inside the slots of the input.
/// </summary>
internal static unsafe class WindowCheck
{
    private const int Largest = 65535;

    public static void CheckFields(BlobView blob, int i, OperationRecord* step)
    {
        bool windowed = step->Kind is OperationKind.Conv2d or OperationKind.MaxPool or OperationKind.AveragePool;
        bool fits = InRange(step->KernelY, windowed, 1) && InRange(step->KernelX, windowed, 1)
            && InRange(step->StrideY, windowed, 1) && InRange(step->StrideX, windowed, 1)
            && InRange(step->DilationY, windowed, 1) && InRange(step->DilationX, windowed, 1)
            && InRange(step->PadTop, windowed, 0) && InRange(step->PadLeft, windowed, 0)
            && InRange(step->PadBottom, windowed, 0) && InRange(step->PadRight, windowed, 0);
        if (!fits)
        {
            throw OperationCheck.Wrong(blob, i, "a kernel size, stride, padding or dilation is out of range (at most 65535) or not one "
                + "that its kind has");
        }
    }

    /// <summary>An output slot's window lies in the slots of the input, halo included, for every slot of the output's region.</summary>
    public static void CheckReach(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        OperationRecord* step = blob.Operations + i;
        if (!LayoutCheck.SameGrid(in x, in y) || x.RegionY != (long)y.RegionY * step->StrideY || x.RegionX != (long)y.RegionX * step->StrideX)
        {
            throw OperationCheck.Wrong(blob, i, "its input has " + LayoutCheck.Regions(in x) + " for " + LayoutCheck.Regions(in y)
                + " of its output and strides of " + step->StrideY + "x" + step->StrideX);
        }

        if (LayoutCheck.IsFlat(in x)
            && (x.Height != y.Height || x.Width != y.Width || (step->KernelY | step->KernelX | step->StrideY | step->StrideX) != 1
                || (step->PadTop | step->PadLeft | step->PadBottom | step->PadRight) != 0))
        {
            throw OperationCheck.Wrong(blob, i, "its input is flat, which only windows of 1x1 with stride 1 can read");
        }

        if (step->PadTop > x.HaloTop || step->PadLeft > x.HaloLeft
            || Below(in x, in y, step) > x.HaloBottom || RightOf(in x, in y, step) > x.HaloRight)
        {
            throw OperationCheck.Wrong(blob, i, "its windows reach beyond its input's halo of " + x.HaloTop + ", " + x.HaloLeft + ", "
                + x.HaloBottom + " and " + x.HaloRight + " slots (top, left, bottom, right)");
        }
    }

    /// <summary>Whether a window reaches slots of the halo, or places where the map has no pixel.</summary>
    public static bool NeedsFrame(OperationRecord* step, in ValueRecord x, in ValueRecord y) =>
        step->PadTop > 0 || step->PadLeft > 0 || Below(in x, in y, step) > 0 || RightOf(in x, in y, step) > 0
        || End(y.Height, step->StrideY, step->PadTop, step->KernelY, step->DilationY) > x.Height
        || End(y.Width, step->StrideX, step->PadLeft, step->KernelX, step->DilationX) > x.Width;

    /// <summary>Every window of a pooling has at least one pixel.</summary>
    public static void CheckPixels(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        OperationRecord* step = blob.Operations + i;
        if (!EveryWindowHasPixels(x.Height, y.Height, step->KernelY, step->StrideY, step->PadTop, step->DilationY)
            || !EveryWindowHasPixels(x.Width, y.Width, step->KernelX, step->StrideX, step->PadLeft, step->DilationX))
        {
            throw OperationCheck.Wrong(blob, i, "its output of " + y.Height + "x" + y.Width + " pixels has a window without a pixel of "
                + "its input of " + x.Height + "x" + x.Width);
        }
    }

    private static bool InRange(int field, bool used, int least) => used ? field >= least && field <= Largest : field == 0;

    /// <summary>Rows of slots that the last window reaches below the input's region.</summary>
    private static long Below(in ValueRecord x, in ValueRecord y, OperationRecord* step) =>
        End(y.RegionY, step->StrideY, step->PadTop, step->KernelY, step->DilationY) - x.RegionY;

    private static long RightOf(in ValueRecord x, in ValueRecord y, OperationRecord* step) =>
        End(y.RegionX, step->StrideX, step->PadLeft, step->KernelX, step->DilationX) - x.RegionX;

    /// <summary>Where the last of some windows ends.</summary>
    private static long End(int windows, int stride, int pad, int kernel, int dilation) =>
        ((windows - 1L) * stride) - pad + ((kernel - 1L) * dilation) + 1;

    private static bool EveryWindowHasPixels(int input, int output, int kernel, int stride, int pad, int dilation)
    {
        if (((output - 1L) * stride) - pad >= input)
        {
            return false;
        }

        // Windows that start inside the input have their first tap; those that start in the padding need a later one.
        for (long start = -pad, o = 0; start < 0 && o < output; start += stride, o++)
        {
            long tap = (-start + dilation - 1) / dilation;
            if (tap >= kernel || start + (tap * dilation) >= input)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What is wrong with a step whose input has not the frame that it needs. Frames are spelt out: see <see cref="LayerInfo"/>.</summary>
    public static BlobFormatException WrongFrame(BlobView blob, int i, in ValueRecord x, string needed) =>
        OperationCheck.Wrong(blob, i, "it reads beyond its input's regions or map, but the input's frame is "
            + (x.Frame == Frame.None ? "None" : x.Frame == Frame.Zero ? "Zero" : "Lowest") + ", not " + needed);
}
