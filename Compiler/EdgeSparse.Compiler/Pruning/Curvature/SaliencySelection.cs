using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>Which weights stay, by what it costs to prune them. What is pruned already stays pruned.</summary>
internal static class SaliencySelection
{
    /// <summary>How many of <paramref name="total"/> stay: the nearest whole number to total·(1 − sparsity).</summary>
    public static long KeptAt(long total, double sparsity) => (long)Math.Round(total * (1 - sparsity), MidpointRounding.AwayFromZero);

    /// <summary>Keeps exactly <paramref name="kept"/> weights, those of the largest statistic, of equal ones those that come first.</summary>
    /// <param name="statistic">[d]; one for each weight, or for each group.</param>
    /// <param name="kept">Not negative; where fewer are alive, they all stay.</param>
    /// <param name="alive">Bool, [d]: what is not pruned yet; null: everything.</param>
    /// <returns>Bool, [d].</returns>
    /// <exception cref="PruningException">A statistic of what is alive is no number.</exception>
    public static Tensor KeepLargest(Tensor statistic, long kept, Tensor? alive = null) =>
        Joint([statistic], kept, alive is null ? null : [alive])[0];

    /// <summary>Layer by layer: each keeps the same share.</summary>
    /// <param name="statistics">[d] of each layer.</param>
    /// <param name="sparsity">0 to 1.</param>
    /// <param name="alive">Bool, [d] of each layer; null: everything.</param>
    /// <exception cref="PruningException">A statistic of what is alive is no number.</exception>
    public static ImmutableArray<Tensor> Independent(
        IReadOnlyList<Tensor> statistics, double sparsity, IReadOnlyList<Tensor>? alive = null) =>
        [.. statistics.Select((s, i) => KeepLargest(s, KeptAt(s.numel(), sparsity), alive?[i]))];

    /// <summary>All layers together: <see cref="KeepLargest"/> over their statistics, one after another.</summary>
    /// <param name="statistics">[d] of each layer, comparable.</param>
    /// <param name="kept">Weights of all layers that stay.</param>
    /// <param name="alive">Bool, [d] of each layer; null: everything.</param>
    /// <exception cref="PruningException">A statistic of what is alive is no number.</exception>
    public static ImmutableArray<Tensor> Joint(IReadOnlyList<Tensor> statistics, long kept, IReadOnlyList<Tensor>? alive = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(kept);
        using DisposeScope scope = NewDisposeScope();
        Tensor all = cat([.. statistics.Select(s => s.to(ScalarType.Float64).flatten())]);
        Tensor living = alive is null ? ones_like(all).to(ScalarType.Bool) : cat([.. alive.Select(a => a.flatten())]);
        if (all.isnan().logical_and(living).any().item<bool>())
        {
            throw new PruningException("the saliency of a weight is no number: the weights or the gradients hold values that are none");
        }

        // The dead come last, and being sorted stably, equal ones keep their order.
        Tensor ranked = where(living, all, full_like(all, double.NegativeInfinity));
        (_, Tensor order) = ranked.sort(0, descending: true, stable: true);
        Tensor mask = zeros_like(living);
        mask.index_fill_(0, order.narrow(0, 0, Math.Min(kept, all.shape[0])), true);
        return Split(mask.logical_and(living), statistics);
    }

    /// <summary>
    /// The rule of WoodFisher's code, for comparisons with it: k = ⌈n·(1 − p)⌉, and what is strictly above the k-th largest stays,
    /// so that k − 1 are kept, fewer with ties; p = 0 keeps everything.
    /// </summary>
    /// <param name="statistics">[d] of each layer, not negative, 0 where pruned; one layer for independent selection.</param>
    /// <param name="sparsity">p, 0 to 1.</param>
    public static ImmutableArray<Tensor> ByThresholdRule(IReadOnlyList<Tensor> statistics, double sparsity)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor all = cat([.. statistics.Select(s => s.to(ScalarType.Float64).flatten())]);
        long k = (long)Math.Ceiling(all.shape[0] * (1 - sparsity));
        Tensor threshold = sparsity <= 0 ? full([], -1.0, ScalarType.Float64, all.device)
            : k == 0 ? full([], double.PositiveInfinity, ScalarType.Float64, all.device)
            : all.sort(0, descending: true).Values[k - 1];
        return Split(all.gt(threshold), statistics);
    }

    private static ImmutableArray<Tensor> Split(Tensor mask, IReadOnlyList<Tensor> layers)
    {
        long at = 0;
        ImmutableArray<Tensor>.Builder parts = ImmutableArray.CreateBuilder<Tensor>(layers.Count);
        foreach (Tensor layer in layers)
        {
            parts.Add(mask.narrow(0, at, layer.numel()).clone().MoveToOuterDisposeScope());
            at += layer.numel();
        }

        return parts.MoveToImmutable();
    }
}
