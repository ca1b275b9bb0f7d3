namespace EdgeSparse.Compiler.Graphs;

/// <summary>The geometry of a sliding window over rows (Y) and columns (X), in pixels.</summary>
public readonly record struct Window2d(
    int KernelY, int KernelX, int StrideY = 1, int StrideX = 1,
    int PadTop = 0, int PadLeft = 0, int PadBottom = 0, int PadRight = 0, int DilationY = 1, int DilationX = 1)
{
    /// <summary>A square window with equal stride and padding on all sides.</summary>
    public static Window2d Square(int kernel, int stride = 1, int pad = 0) =>
        new(kernel, kernel, stride, stride, pad, pad, pad, pad);

    /// <summary>Output rows for <paramref name="inputRows"/> input rows; at least 1, else the window does not fit.</summary>
    /// <param name="inputRows">Rows of the unpadded input.</param>
    /// <param name="ceilMode">Round up (ONNX ceil_mode), but no window may start in the bottom padding.</param>
    public int OutputRows(int inputRows, bool ceilMode = false) =>
        OutputLength(inputRows, KernelY, StrideY, PadTop, PadBottom, DilationY, ceilMode);

    /// <summary>Output columns for <paramref name="inputColumns"/> input columns.</summary>
    public int OutputColumns(int inputColumns, bool ceilMode = false) =>
        OutputLength(inputColumns, KernelX, StrideX, PadLeft, PadRight, DilationX, ceilMode);

    /// <summary>Output rows of a transposed convolution; below 1 when the padding cuts everything off.</summary>
    /// <param name="inputRows">Rows of the input.</param>
    /// <param name="outputPad">Rows added below.</param>
    public int TransposedRows(int inputRows, int outputPad = 0) =>
        TransposedLength(inputRows, KernelY, StrideY, PadTop, PadBottom, DilationY, outputPad);

    /// <summary>Output columns of a transposed convolution; below 1 when the padding cuts everything off.</summary>
    public int TransposedColumns(int inputColumns, int outputPad = 0) =>
        TransposedLength(inputColumns, KernelX, StrideX, PadLeft, PadRight, DilationX, outputPad);

    private static int TransposedLength(int input, int kernel, int stride, int padBefore, int padAfter, int dilation, int outputPad)
    {
        long output = ((long)stride * (input - 1)) + ((long)dilation * (kernel - 1)) + 1 + outputPad - padBefore - padAfter;
        return (int)Math.Clamp(output, 0, int.MaxValue);
    }

    private static int OutputLength(int input, int kernel, int stride, int padBefore, int padAfter, int dilation, bool ceilMode)
    {
        // In 64 bits: a file may say anything, and a sum that wraps around would pass for a small window.
        long span = (long)input + padBefore + padAfter - ((long)dilation * (kernel - 1)) - 1;
        if (span < 0)
        {
            return 0;
        }

        long output = (span / stride) + 1;
        if (ceilMode && span % stride != 0 && output * stride < (long)input + padBefore)
        {
            output++;
        }

        return (int)Math.Min(output, int.MaxValue);
    }
}
