using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>How the other weights make up for pruned ones, each pruned weight by itself and the changes added up.</summary>
internal static class SummedUpdate
{
    /// <summary>
    /// δw = −H⁻¹·(m_Q·w/diag), WoodFisher's (Singh and Alistarh 2020, equation 8 summed over Q). With a mean gradient WoodTaylor's:
    /// −h − H⁻¹·(m_Q·(w − h)/diag). Where Q has more than one weight of a block, it over-corrects, and leaves weights of Q that are
    /// not 0: the mask takes them.
    /// </summary>
    /// <param name="inverse">H⁻¹.</param>
    /// <param name="weights">w, [d].</param>
    /// <param name="pruned">Q, bool [d]: what is pruned now, not what was before.</param>
    /// <param name="meanGradient">g, [d], or null.</param>
    /// <param name="scale">Multiplies all of it: 0 leaves every weight as it is.</param>
    /// <returns>[d] float64.</returns>
    public static Tensor Of(IInverseCurvature inverse, Tensor weights, Tensor pruned, Tensor? meanGradient = null, double scale = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor w = weights.to(ScalarType.Float64);
        Tensor? h = meanGradient is null ? null : inverse.Multiply(meanGradient);
        Tensor ratio = (h is null ? w : w - h) / inverse.Diagonal();
        Tensor change = inverse.Multiply(where(pruned, ratio, zeros_like(ratio))).neg();
        return ((h is null ? change : change - h) * scale).MoveToOuterDisposeScope();
    }

    /// <summary>A change shortened to the length of the weights where it is longer: a slope far from flat can ask for any step.</summary>
    public static Tensor Clipped(Tensor change, Tensor weights)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ratio = weights.to(ScalarType.Float64).norm() / change.norm();
        return (change * ratio.nan_to_num(1, 1, 1).clamp_max(1)).MoveToOuterDisposeScope();
    }
}
