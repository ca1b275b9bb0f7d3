using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>Normalisations that are the same in training and at inference.</summary>
internal static class TorchNormalisation
{
    public static Tensor Layer(LayerNorm node, Tensor x, Tensor scale, Tensor? shift)
    {
        long[] axes = [.. Enumerable.Range(node.Axis, (int)x.dim() - node.Axis).Select(a => (long)a)];
        Tensor y = Standardised(x, axes, node.Epsilon) * scale;
        return shift is null ? y : y + shift;
    }

    /// <summary>N×C×…: over each group of channels; instance normalisation has one group a channel.</summary>
    public static Tensor Group(Tensor x, long groups, Tensor scale, Tensor shift, double epsilon)
    {
        long[] channels = [1, x.shape[1], .. Enumerable.Repeat(1L, (int)x.dim() - 2)];
        Tensor y = Standardised(x.reshape(x.shape[0], groups, -1), [2], epsilon).reshape(x.shape);
        return (y * scale.reshape(channels)) + shift.reshape(channels);
    }

    public static Tensor LocalResponse(LocalResponseNorm node, Tensor x)
    {
        int before = (node.Size - 1) / 2;
        long[] shape = [.. x.shape];
        Tensor Zeros(int count)
        {
            shape[1] = count;
            return zeros(shape, x.dtype, x.device);
        }

        long channels = x.shape[1];
        Tensor squares = cat([Zeros(before), x * x, Zeros(node.Size - 1 - before)], 1);
        Tensor sum = squares.narrow(1, 0, channels);
        for (int i = 1; i < node.Size; i++)
        {
            sum = sum + squares.narrow(1, i, channels);
        }

        return x / ((sum * (node.Alpha / node.Size)) + node.Bias).pow(node.Beta);
    }

    private static Tensor Standardised(Tensor x, long[] axes, double epsilon)
    {
        Tensor centred = x - x.mean(axes, keepdim: true);
        return centred * ((centred * centred).mean(axes, keepdim: true) + epsilon).rsqrt();
    }
}
