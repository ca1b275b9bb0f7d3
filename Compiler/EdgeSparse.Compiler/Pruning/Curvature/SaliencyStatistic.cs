using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>What it is thought to cost to prune single weights, [d] float64; the least is pruned first.</summary>
internal static class SaliencyStatistic
{
    // Of WoodFisher's code: keeps the statistic of a weight of 0 above that of a pruned one.
    private const double ParityFloor = 1e-10;

    /// <summary>ρ = w²/(2·[H⁻¹]_qq) (WoodFisher, Singh and Alistarh 2020, equation 7).</summary>
    /// <param name="weights">w, [d].</param>
    /// <param name="diagonal">Of H⁻¹, [d].</param>
    public static Tensor Single(Tensor weights, Tensor diagonal)
    {
        using DisposeScope scope = NewDisposeScope();
        return (weights.to(ScalarType.Float64).square() / (diagonal * 2)).MoveToOuterDisposeScope();
    }

    /// <summary>WoodFisher's code's form, for comparisons with it: (w²/(diag + 1e-10) + 1e-10)·M.</summary>
    /// <param name="weights">w, [d].</param>
    /// <param name="diagonal">Of H⁻¹, [d].</param>
    /// <param name="alive">M, bool, [d].</param>
    public static Tensor Parity(Tensor weights, Tensor diagonal, Tensor alive)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ratio = weights.to(ScalarType.Float64).square() / (diagonal + ParityFloor);
        return ((ratio + ParityFloor) * alive.to(ScalarType.Float64)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// WoodTaylor's, of a model with a slope g (the same paper, equation 14): (w − h)²/(2·[H⁻¹]_qq), h = H⁻¹g, less what the model's
    /// minimum lies below where it is now, if that is given.
    /// </summary>
    /// <param name="weights">w, [d].</param>
    /// <param name="diagonal">Of H⁻¹, [d].</param>
    /// <param name="step">h, [d].</param>
    /// <param name="gain">
    /// <see cref="BlockGains"/>, or null: without it the statistics of all blocks, which are then never negative, compare what
    /// is lost against each block's own minimum, and within a block the order is the same.
    /// </param>
    public static Tensor Taylor(Tensor weights, Tensor diagonal, Tensor step, Tensor? gain = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor statistic = (weights.to(ScalarType.Float64) - step).square() / (diagonal * 2);
        return (gain is null ? statistic : statistic - gain).MoveToOuterDisposeScope();
    }

    /// <summary>½·gᵀh of the block that a weight is in, [d].</summary>
    public static Tensor BlockGains(IInverseCurvature inverse, Tensor meanGradient, Tensor step)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lengths = tensor(inverse.Blocks.Select(b => b.Length).ToArray(), device: step.device);
        Tensor block = arange(inverse.Blocks.Length, ScalarType.Int64, step.device).repeat_interleave(lengths);
        Tensor gains = zeros(inverse.Blocks.Length, ScalarType.Float64, step.device)
            .index_add_(0, block, meanGradient.to(ScalarType.Float64) * step, 0.5);
        return gains.index_select(0, block).MoveToOuterDisposeScope();
    }

    /// <summary>A statistic moved so that its least value is 1e-10, as WoodFisher's code does before it multiplies by the mask.</summary>
    public static Tensor Shifted(Tensor statistic)
    {
        using DisposeScope scope = NewDisposeScope();
        return (statistic - statistic.min() + ParityFloor).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A statistic over what a layer's weights cost: divided by flops^power + 1e-10, so that of two weights of one saliency the one
    /// whose layer is slower goes first (WoodFisher, section 5.3; its scripts have a power of 0.3).
    /// </summary>
    /// <param name="statistic">[d].</param>
    /// <param name="flops">Of one weight or of the layer: the same for all layers.</param>
    /// <param name="power">0 leaves the order of layers alone.</param>
    public static Tensor PerFlop(Tensor statistic, double flops, double power) => statistic / (Math.Pow(flops, power) + ParityFloor);
}
