using EdgeSparse.Compiler.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>Convolutions and pools, whose windows torch has no exact counterpart for: asymmetric padding and ceil mode are made explicit.</summary>
internal static class TorchWindows
{
    public static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, Window2d window, int groups)
    {
        bool symmetric = window.PadTop == window.PadBottom && window.PadLeft == window.PadRight;
        Tensor input = symmetric ? x : Padded(x, window, 0, 0, 0);
        return nn.functional.conv2d(
            input,
            weight.to(x.dtype),
            bias?.to(x.dtype),
            [window.StrideY, window.StrideX],
            symmetric ? [window.PadTop, window.PadLeft] : [0, 0],
            [window.DilationY, window.DilationX],
            groups);
    }

    /// <summary>Padding that differs between the sides is cut off, and output padding filled, after the product.</summary>
    public static Tensor ConvolveTransposed(Tensor x, Tensor weight, Tensor? bias, ConvTranspose2d layer)
    {
        Window2d window = layer.Window;
        long[] strides = [window.StrideY, window.StrideX];
        long[] dilations = [window.DilationY, window.DilationX];
        if (window.PadTop == window.PadBottom && window.PadLeft == window.PadRight)
        {
            return nn.functional.conv_transpose2d(
                x, weight.to(x.dtype), bias?.to(x.dtype), strides, [window.PadTop, window.PadLeft], [layer.OutputPadY, layer.OutputPadX], dilations, layer.Groups);
        }

        Tensor whole = nn.functional.conv_transpose2d(x, weight.to(x.dtype), null, strides, [0, 0], [0, 0], dilations, layer.Groups);
        Tensor cut = nn.functional.pad(
            whole, [-window.PadLeft, layer.OutputPadX - window.PadRight, -window.PadTop, layer.OutputPadY - window.PadBottom]);
        return bias is null ? cut : cut + bias.to(x.dtype).reshape([1, -1, 1, 1]);
    }

    /// <summary>Padding never wins: it is −∞.</summary>
    public static Tensor MaxPool(Tensor x, Window2d window, bool ceilMode)
    {
        (int extraRows, int extraColumns) = CeilExtension(x, window, ceilMode);
        return nn.functional.max_pool2d(
            Padded(x, window, extraRows, extraColumns, double.NegativeInfinity),
            [window.KernelY, window.KernelX],
            [window.StrideY, window.StrideX],
            [0, 0],
            [window.DilationY, window.DilationX]);
    }

    /// <summary>Sums of windows over counts of windows, where the counts say whether padding is counted.</summary>
    public static Tensor AveragePool(Tensor x, Window2d window, bool ceilMode, bool countIncludePad)
    {
        (int extraRows, int extraColumns) = CeilExtension(x, window, ceilMode);
        bool plain = extraRows == 0 && extraColumns == 0 && window is
        { PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0, DilationY: 1, DilationX: 1 };
        if (plain)
        {
            return nn.functional.avg_pool2d(x, [window.KernelY, window.KernelX], [window.StrideY, window.StrideX]);
        }

        // Cells of the ceil extension lie outside the padded input, so they never count; padded cells count where asked.
        Tensor inside = ones([1, 1, x.shape[2], x.shape[3]], x.dtype, x.device);
        Tensor counted = nn.functional.pad(
            nn.functional.pad(inside, [window.PadLeft, window.PadRight, window.PadTop, window.PadBottom], PaddingModes.Constant, countIncludePad ? 1 : 0),
            [0, extraColumns, 0, extraRows]);
        return WindowSums(Padded(x, window, extraRows, extraColumns, 0), window) / WindowSums(counted, window);
    }

    private static Tensor WindowSums(Tensor x, Window2d window)
    {
        Tensor planes = x.reshape([x.shape[0] * x.shape[1], 1, x.shape[2], x.shape[3]]);
        Tensor sums = nn.functional.conv2d(
            planes,
            ones([1, 1, window.KernelY, window.KernelX], x.dtype, x.device),
            strides: [window.StrideY, window.StrideX],
            dilation: [window.DilationY, window.DilationX]);
        return sums.reshape([x.shape[0], x.shape[1], sums.shape[2], sums.shape[3]]);
    }

    private static Tensor Padded(Tensor x, Window2d window, int extraRows, int extraColumns, double value)
    {
        int bottom = window.PadBottom + extraRows;
        int right = window.PadRight + extraColumns;
        return window.PadTop + window.PadLeft + bottom + right == 0
            ? x
            : nn.functional.pad(x, [window.PadLeft, right, window.PadTop, bottom], PaddingModes.Constant, value);
    }

    /// <summary>Rows and columns missing below and right of the padded input for the last window of ceil mode.</summary>
    private static (int Rows, int Columns) CeilExtension(Tensor x, Window2d window, bool ceilMode)
    {
        if (!ceilMode)
        {
            return (0, 0);
        }

        int rows = (int)x.shape[2];
        int columns = (int)x.shape[3];
        int neededRows = ((window.OutputRows(rows, true) - 1) * window.StrideY) + (window.DilationY * (window.KernelY - 1)) + 1;
        int neededColumns = ((window.OutputColumns(columns, true) - 1) * window.StrideX) + (window.DilationX * (window.KernelX - 1)) + 1;
        return (
            Math.Max(0, neededRows - rows - window.PadTop - window.PadBottom),
            Math.Max(0, neededColumns - columns - window.PadLeft - window.PadRight));
    }
}
