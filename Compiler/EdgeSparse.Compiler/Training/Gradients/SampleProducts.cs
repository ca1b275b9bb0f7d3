using EdgeSparse.Compiler.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Gradients;

/// <summary>
/// Gradients of a layer's weight, one for each few samples, from what goes into the layer and the gradients of what comes out:
/// the sum over positions that a backward pass makes over all samples, made for each by itself, in one batched product.
/// </summary>
internal static class SampleProducts
{
    /// <summary>Whether the layer is one that this class knows, with inputs of the rank that it knows.</summary>
    public static bool Know(Graph graph, Node node) => node switch
    {
        Linear linear => graph.Shapes[linear.Input].Rank == 2,
        Conv2d => true,
        _ => false,
    };

    /// <param name="layer">One that <see cref="Know"/>s.</param>
    /// <param name="input">Samples in the first dimension.</param>
    /// <param name="outputGradient">Of each sample's own loss.</param>
    /// <param name="mean">m; the number of samples is a multiple of it.</param>
    /// <returns>[samples / m, weights], row-major as the weight is.</returns>
    public static Tensor Of(WeightedLayer layer, Tensor input, Tensor outputGradient, int mean)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor columns, Tensor gradients) = Columns(layer, input, outputGradient, mean);
        Tensor products = gradients.matmul(columns.transpose(-1, -2));
        return (mean == 1 ? products : products / mean).reshape(products.shape[0], -1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Second moments of a layer's inputs, with a one added for the bias where asked, and of its output gradients: the factors of
    /// K-FAC (Martens and Grosse 2015; for convolutions Grosse and Martens 2016, equations 15 and 16), A summed over positions and S
    /// averaged over them, both averaged over samples.
    /// </summary>
    /// <returns>A [in·kh·kw, in·kh·kw] and S [out, out], float64, of a layer without groups.</returns>
    public static (Tensor A, Tensor S) Moments(WeightedLayer layer, Tensor input, Tensor outputGradient)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor columns, Tensor gradients) = Columns(layer, input, outputGradient, (int)input.shape[0]);
        Tensor x = columns.flatten(0, -3).squeeze(0).to(ScalarType.Float64);
        Tensor g = gradients.flatten(0, -3).squeeze(0).to(ScalarType.Float64);
        double samples = input.shape[0];
        return ((x.matmul(x.t()) / samples).MoveToOuterDisposeScope(), (g.matmul(g.t()) / x.shape[1]).MoveToOuterDisposeScope());
    }

    /// <summary>Inputs and output gradients of m samples each as matrices: [q, (groups,) in, positions] and [q, (groups,) out, positions].</summary>
    private static (Tensor Inputs, Tensor Gradients) Columns(WeightedLayer layer, Tensor input, Tensor outputGradient, int mean)
    {
        long q = input.shape[0] / mean;
        if (layer is Linear)
        {
            return (input.reshape(q, mean, -1).transpose(1, 2), outputGradient.reshape(q, mean, -1).transpose(1, 2));
        }

        Conv2d conv = (Conv2d)layer;
        Window2d w = conv.Window;
        Tensor padded = w.PadTop + w.PadLeft + w.PadBottom + w.PadRight == 0
            ? input
            : nn.functional.pad(input, [w.PadLeft, w.PadRight, w.PadTop, w.PadBottom]);
        bool pointwise = w is { KernelY: 1, KernelX: 1, StrideY: 1, StrideX: 1 };
        Tensor columns = pointwise
            ? padded.flatten(2)
            : nn.functional.unfold(padded, (w.KernelY, w.KernelX), (w.DilationY, w.DilationX), (0L, 0L), (w.StrideY, w.StrideX));
        return (Grouped(columns, q, mean, conv.Groups), Grouped(outputGradient.flatten(2), q, mean, conv.Groups));
    }

    /// <summary>[q·m, groups·rows, positions] to [q, groups, rows, m·positions], without the second dimension where there is one group.</summary>
    private static Tensor Grouped(Tensor x, long q, int mean, int groups)
    {
        long rows = x.shape[1] / groups;
        Tensor split = x.reshape(q, mean, groups, rows, x.shape[2]).permute(0, 2, 3, 1, 4);
        return groups == 1 ? split.reshape(q, rows, mean * x.shape[2]) : split.reshape(q, groups, rows, mean * x.shape[2]);
    }
}
