using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>The windows and maps that convolution tests go through.</summary>
internal static class ConvWindow
{
    public static readonly OperationRecord[] All =
    [
        Square(1), Square(1, stride: 2), Square(3, pad: 1), Square(3, stride: 2, pad: 1), Square(3, pad: 2, dilation: 2), Square(5, pad: 2),
        Square(3),
        Of((3, 3), (1, 1), (0, 2, 1, 0), (1, 1)), Of((5, 1), (2, 1), (1, 0, 3, 2), (1, 1)), Of((2, 3), (1, 3), (1, 1, 0, 1), (2, 1)),
    ];

    public static readonly (int Height, int Width)[] Maps = [(7, 7), (14, 14), (1, 1), (5, 3), (1, 13), (9, 20)];

    public static OperationRecord Square(int kernel, int stride = 1, int pad = 0, int dilation = 1) =>
        Of((kernel, kernel), (stride, stride), (pad, pad, pad, pad), (dilation, dilation));

    /// <summary>Whether output slots read the same slots of the input alone.</summary>
    public static bool IsOnePixel(this OperationRecord w) =>
        (w.KernelY | w.KernelX | w.StrideY | w.StrideX) == 1 && (w.PadTop | w.PadLeft | w.PadBottom | w.PadRight) == 0;

    /// <summary>Windows that fit, at most 0 where none does.</summary>
    public static (int Height, int Width) OutputOf(this OperationRecord w, int height, int width) => (
        Windows(height + w.PadTop + w.PadBottom, w.KernelY, w.StrideY, w.DilationY),
        Windows(width + w.PadLeft + w.PadRight, w.KernelX, w.StrideX, w.DilationX));

    private static int Windows(int length, int kernel, int stride, int dilation)
    {
        int span = length - (dilation * (kernel - 1)) - 1;
        return span < 0 ? 0 : (span / stride) + 1;
    }

    /// <summary>Padding is top, left, bottom, right.</summary>
    private static OperationRecord Of(
        (int Y, int X) kernel, (int Y, int X) stride, (int Top, int Left, int Bottom, int Right) pad, (int Y, int X) dilation) => new()
        {
            KernelY = kernel.Y,
            KernelX = kernel.X,
            StrideY = stride.Y,
            StrideX = stride.X,
            PadTop = pad.Top,
            PadLeft = pad.Left,
            PadBottom = pad.Bottom,
            PadRight = pad.Right,
            DilationY = dilation.Y,
            DilationX = dilation.X,
        };
}
