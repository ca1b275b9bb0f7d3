namespace EdgeSparse.Runtime.Blob;

/// <summary>Sliding windows: fields in range, and at least one input pixel in every window of a pooling.</summary>
internal static unsafe class WindowCheck
{
    private const int Largest = 65535;

    public static void CheckFields(BlobView blob, int i, OperationRecord* step)
    {
        bool windowed = step->Kind is OperationKind.Conv2d or OperationKind.MaxPool or OperationKind.AveragePool;
        bool split = step->Kind == OperationKind.SplitPhases;
        bool fits = InRange(step->KernelY, windowed, 1) && InRange(step->KernelX, windowed, 1)
            && InRange(step->StrideY, windowed || split, 1) && InRange(step->StrideX, windowed || split, 1)
            && InRange(step->DilationY, windowed, 1) && InRange(step->DilationX, windowed, 1)
            && InRange(step->PadTop, windowed || split, 0) && InRange(step->PadLeft, windowed || split, 0)
            && InRange(step->PadBottom, windowed, 0) && InRange(step->PadRight, windowed, 0);
        if (!fits)
        {
            throw OperationCheck.Wrong(blob, i, "a kernel size, stride, padding or dilation is out of range (at most 65535) or not one "
                + "that its kind has");
        }
    }

    public static void CheckPool(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
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
}
