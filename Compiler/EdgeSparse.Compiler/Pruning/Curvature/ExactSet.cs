using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// The optimal brain surgeon for sets of weights (Hassibi and Stork 1992; oBERT, Kurtic et al. 2022, equations 4 and 5): what taking
/// a whole set Q away does to the quadratic model of the loss, and how all other weights best make up for it.
/// </summary>
internal static class ExactSet
{
    /// <summary>
    /// δw = −H⁻¹[:,Q]·((H⁻¹)_QQ)⁻¹·w_Q. With a mean gradient g and h = H⁻¹g, the minimum of the quadratic model with its slope:
    /// δw = −h − H⁻¹[:,Q]·((H⁻¹)_QQ)⁻¹·(w_Q − h_Q). Exactly −w_Q in Q.
    /// </summary>
    /// <param name="inverse">H⁻¹.</param>
    /// <param name="weights">w, [d].</param>
    /// <param name="pruned">Q, bool [d]: what is pruned now, not what was before.</param>
    /// <param name="meanGradient">g, [d], or null: the model is at its minimum.</param>
    /// <returns>[d] float64.</returns>
    /// <exception cref="PruningException">See <see cref="IInverseCurvature.Multipliers"/>.</exception>
    public static Tensor ExactUpdate(this IInverseCurvature inverse, Tensor weights, Tensor pruned, Tensor? meanGradient = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor w = weights.to(ScalarType.Float64);
        Tensor? h = meanGradient is null ? null : inverse.Multiply(meanGradient);
        Tensor change = inverse.Multiply(inverse.Multipliers(h is null ? w : w - h, pruned)).neg();
        change = h is null ? change : change - h;
        return where(pruned, w.neg(), change).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// ρ_Q = ½·w_Qᵀ·((H⁻¹)_QQ)⁻¹·w_Q, by how much the quadratic model rises when Q goes and all others make up for it. With a mean
    /// gradient: of w − h instead of w, against the model's minimum, which lies ½·gᵀh below where it is now.
    /// </summary>
    /// <inheritdoc cref="ExactUpdate" path="/param"/>
    /// <exception cref="PruningException">See <see cref="IInverseCurvature.Multipliers"/>.</exception>
    public static double SetSaliency(this IInverseCurvature inverse, Tensor weights, Tensor pruned, Tensor? meanGradient = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor w = weights.to(ScalarType.Float64);
        Tensor x = meanGradient is null ? w : w - inverse.Multiply(meanGradient);
        return 0.5 * inverse.Multipliers(x, pruned).dot(x).item<double>();
    }
}
