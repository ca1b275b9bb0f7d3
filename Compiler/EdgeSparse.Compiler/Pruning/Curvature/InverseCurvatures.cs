using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>Makes inverse curvatures out of gradients.</summary>
internal static class InverseCurvatures
{
    /// <summary>What the diagonal of an inverse is held above: rounding may take a tiny one below 0, and statistics divide by it.</summary>
    public const double LeastDiagonal = 1e-12;

    /// <summary>F⁻¹ of the dampened empirical Fisher matrix of gradients that lie in one tensor.</summary>
    /// <param name="gradients">[N, d], float32 or float64, masked: 0 at pruned weights. Not kept.</param>
    /// <param name="options">Dampening, blocks, form.</param>
    /// <exception cref="PruningException">An option makes no sense.</exception>
    public static IInverseCurvature Fisher(Tensor gradients, FisherOptions options)
    {
        using FisherBuilder builder = Builder(gradients.shape[1], gradients.shape[0], options, gradients.device);
        builder.Add(gradients);
        return builder.Build();
    }

    /// <summary>Takes gradients some at a time, so that a dense form needs no memory for all of them.</summary>
    /// <param name="count">d.</param>
    /// <param name="samples">N.</param>
    /// <param name="options">Dampening, blocks, form.</param>
    /// <param name="device">Where the gradients will lie.</param>
    /// <exception cref="PruningException">An option makes no sense.</exception>
    public static FisherBuilder Builder(long count, long samples, FisherOptions options, Device device) =>
        FormOf(count, samples, options) switch
        {
            CurvatureForm.Dense => new BlockInverseFisherBuilder(count, samples, options, device),
            CurvatureForm.Factored => new FactoredInverseFisherBuilder(count, samples, options, device),
            CurvatureForm.Dual => new DualInverseFisherBuilder(count, samples, options, device),
            _ => new DiagonalInverseFisherBuilder(count, samples, options, device),
        };

    /// <summary>The form that <see cref="CurvatureForm.Automatic"/> stands for; any other is itself.</summary>
    public static CurvatureForm FormOf(long count, long samples, FisherOptions options) =>
        options.Form != CurvatureForm.Automatic ? options.Form
        : Math.Min(options.BlockSize ?? count, count) <= samples ? CurvatureForm.Dense
        : CurvatureForm.Dual;

    /// <exception cref="PruningException">The flag is set.</exception>
    internal static void ThrowIfFailed(Tensor failed)
    {
        if (failed.item<bool>())
        {
            throw new PruningException("rounding left the inverse curvature not positive definite: raise the dampening");
        }
    }
}
