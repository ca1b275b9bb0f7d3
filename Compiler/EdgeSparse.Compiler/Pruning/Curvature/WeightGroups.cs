using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// Weights that are judged together: blocks (1×4, 4×1, 4×4) that go or stay as a whole, or the groups of N:M. All are tensors of
/// int64, [groups, size], of places in the flattened weight; −1 fills up a smaller group at an edge.
/// </summary>
internal static class WeightGroups
{
    /// <summary>
    /// ρ_Q = ½·w_Qᵀ·((H⁻¹)_QQ)⁻¹·w_Q of every group (oBERT, Kurtic et al. 2022, equation 4). A group that reaches over curvature
    /// blocks counts with its parts, between which there is no curvature.
    /// </summary>
    /// <param name="inverse">H⁻¹.</param>
    /// <param name="weights">w, [d]; for WoodTaylor, w − h.</param>
    /// <param name="groups">[groups, size].</param>
    /// <returns>[groups] float64.</returns>
    /// <exception cref="PruningException">Rounding left a group's inverse curvature not positive definite.</exception>
    public static Tensor Saliencies(IInverseCurvature inverse, Tensor weights, Tensor groups)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor factor, Tensor info) = linalg.cholesky_ex(inverse.Submatrices(groups));
        InverseCurvatures.ThrowIfFailed(info.ne(0).any());
        Tensor members = Gather(weights.to(ScalarType.Float64), groups, 0).unsqueeze(2);
        Tensor halved = linalg.solve_triangular(factor, members, upper: false);
        return (halved.square().sum(1).squeeze(1) / 2).MoveToOuterDisposeScope();
    }

    /// <summary>Σw² of every group, its magnitude, [groups].</summary>
    public static Tensor SumsOfSquares(Tensor weights, Tensor groups)
    {
        using DisposeScope scope = NewDisposeScope();
        return Gather(weights.to(ScalarType.Float64), groups, 0).square().sum(1).MoveToOuterDisposeScope();
    }

    /// <summary>The weights of the groups chosen.</summary>
    /// <param name="groups">[groups, size].</param>
    /// <param name="chosen">Bool, [groups].</param>
    /// <param name="count">d.</param>
    /// <returns>Bool, [d].</returns>
    public static Tensor MembersOf(Tensor groups, Tensor chosen, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor places = groups.masked_select(groups.ge(0).logical_and(chosen.unsqueeze(1)));
        return zeros(count, ScalarType.Bool, groups.device).index_fill_(0, places, true).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// N:M: keeps of every group the N weights of the largest statistic, of equal ones the first; of an incomplete group of k of M,
    /// ⌈N·k/M⌉.
    /// </summary>
    /// <param name="statistic">[d]; 0 or −∞ where pruned already.</param>
    /// <param name="groups">[groups, M], every weight in one of them.</param>
    /// <param name="kept">N, 1 to M.</param>
    /// <returns>Bool, [d]: what stays.</returns>
    public static Tensor KeepOfEach(Tensor statistic, Tensor groups, long kept)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor members = Gather(statistic.to(ScalarType.Float64), groups, double.NegativeInfinity);
        (_, Tensor order) = members.sort(1, descending: true, stable: true);
        Tensor rank = order.argsort(1);
        Tensor stays = rank.lt(KeptOf(groups, kept).unsqueeze(1)).logical_and(groups.ge(0));
        return zeros(statistic.shape[0], ScalarType.Bool, groups.device)
            .index_fill_(0, groups.masked_select(stays), true).MoveToOuterDisposeScope();
    }

    /// <summary>How many weights N:M leaves in each group, [groups] int64.</summary>
    public static Tensor KeptOf(Tensor groups, long kept)
    {
        using DisposeScope scope = NewDisposeScope();
        long size = groups.shape[1];
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kept, size);
        Tensor members = groups.ge(0).sum(1);
        return ((members * kept) + (size - 1)).div(size, RoundingMode.floor).MoveToOuterDisposeScope();
    }

    /// <summary>Values of the members, [groups, size].</summary>
    public static Tensor Gather(Tensor values, Tensor groups, double absent)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor members = values.index_select(0, groups.clamp_min(0).flatten()).view_as(groups);
        return members.masked_fill(groups.lt(0), absent).MoveToOuterDisposeScope();
    }
}
