using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>
/// A layer as a product of matrices: what its weights are multiplied by, a row for each place of its output, and the output itself.
/// </summary>
internal static class LayerColumns
{
    /// <summary>The inputs of each output place, groups × places × (input channels of the group × kernel elements).</summary>
    public static Tensor Of(WeightedLayer layer, Tensor x, TensorShape weight)
    {
        switch (layer)
        {
            case Conv2d conv:
                return Patches(Padded(x, conv.Window.PadTop, conv.Window.PadLeft, conv.Window.PadBottom, conv.Window.PadRight), conv.Window, conv.Groups);
            case ConvTranspose2d conv:
                return Transposed(conv, x);
            default:
                return x.reshape(1, -1, weight[1]);
        }
    }

    /// <summary>The outputs, groups × places × output channels of the group.</summary>
    public static Tensor OutputsOf(WeightedLayer layer, Tensor y, int groups)
    {
        if (layer is Linear)
        {
            return y.reshape(1, -1, y.shape[^1]);
        }

        long channels = y.shape[1] / groups;
        return y.reshape(y.shape[0], groups, channels, -1).permute(1, 0, 3, 2).reshape(groups, -1, channels);
    }

    private static Tensor Patches(Tensor x, Window2d window, int groups)
    {
        // samples × (channels · kernel) × places
        Tensor columns = nn.functional.unfold(
            x, (window.KernelY, window.KernelX), (window.DilationY, window.DilationX), (0, 0), (window.StrideY, window.StrideX));
        long perGroup = columns.shape[1] / groups;
        return columns.reshape(columns.shape[0], groups, perGroup, -1).permute(1, 0, 3, 2).reshape(groups, -1, perGroup);
    }

    /// <summary>
    /// A transposed convolution is a convolution of the input with zeros between its pixels, by the kernel turned around; the columns
    /// are turned back.
    /// </summary>
    private static Tensor Transposed(ConvTranspose2d conv, Tensor x)
    {
        Window2d window = conv.Window;
        (long n, long channels, long rows, long columns) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        Tensor spread = zeros([n, channels, rows, window.StrideY, columns, window.StrideX], x.dtype, x.device);
        spread.select(3, 0).select(4, 0).copy_(x);
        spread = spread.reshape(n, channels, rows * window.StrideY, columns * window.StrideX)
            .narrow(2, 0, ((rows - 1) * window.StrideY) + 1)
            .narrow(3, 0, ((columns - 1) * window.StrideX) + 1);
        int reachY = window.DilationY * (window.KernelY - 1);
        int reachX = window.DilationX * (window.KernelX - 1);
        Tensor patches = Patches(
            Padded(spread, reachY - window.PadTop, reachX - window.PadLeft, reachY - window.PadBottom + conv.OutputPadY, reachX - window.PadRight + conv.OutputPadX),
            window with { StrideY = 1, StrideX = 1 },
            conv.Groups);
        long kernel = window.KernelY * window.KernelX;
        return patches.reshape(patches.shape[0], patches.shape[1], -1, kernel).flip(3).reshape(patches.shape);
    }

    private static Tensor Padded(Tensor x, int top, int left, int bottom, int right) =>
        (top, left, bottom, right) == (0, 0, 0, 0) ? x : nn.functional.pad(x, [left, right, top, bottom]);
}
