using EdgeSparse.Compiler.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>The places of a layer's output as rows of matrices, in double precision, some samples at a time.</summary>
internal static class LayerPlaces
{
    // Of 8 bytes each: the columns of a convolution repeat its input once for each kernel element.
    private const long LargestColumns = 1 << 23;

    /// <summary>Columns of a group: its input channels × kernel elements, and a last one of ones where the layer has a bias.</summary>
    public static int ColumnsOf(WeightedLayer layer, TensorShape weight)
    {
        KernelGrid kernels = layer.KernelsOf(weight);
        return (kernels.Inputs / kernels.Groups * kernels.KernelElements) + (layer.Bias is null ? 0 : 1);
    }

    /// <param name="layer">Linear, Conv2d or ConvTranspose2d.</param>
    /// <param name="weight">Shape of its weight.</param>
    /// <param name="x">Its input in the pruned network, for some samples.</param>
    /// <param name="y">Its output in the dense network, for the same.</param>
    /// <param name="visit">
    /// Given the columns, groups × places × <see cref="ColumnsOf"/>, and the outputs, groups × places × output channels of the group;
    /// both are gone when it returns.
    /// </param>
    public static void Visit(WeightedLayer layer, TensorShape weight, Tensor x, Tensor y, Action<Tensor, Tensor> visit)
    {
        KernelGrid kernels = layer.KernelsOf(weight);
        long perSample = Math.Max(1, y.numel() / y.shape[0] / kernels.Outputs * ColumnsOf(layer, weight) * kernels.Groups);
        long chunk = x.dim() < 2 ? x.shape[0] : Math.Max(1, LargestColumns / perSample);
        for (long start = 0; start < x.shape[0]; start += chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            long count = Math.Min(chunk, x.shape[0] - start);
            Tensor columns = LayerColumns.Of(layer, x.narrow(0, start, count), weight).to(ScalarType.Float64);
            if (layer.Bias is not null)
            {
                columns = cat([columns, ones([columns.shape[0], columns.shape[1], 1], ScalarType.Float64, columns.device)], 2);
            }

            visit(columns, LayerColumns.OutputsOf(layer, y.narrow(0, start, count), kernels.Groups).to(ScalarType.Float64));
        }
    }
}
