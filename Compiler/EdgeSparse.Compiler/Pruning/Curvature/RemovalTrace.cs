using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>In which order a block's units (weights or groups) went, and what each cost when it went.</summary>
/// <param name="Members">int64, [d]: of each weight, its unit's place in its block's order, or −1 where it never went.</param>
/// <param name="Saliencies">[blocks, steps] float64; +∞ where a block had nothing left to take.</param>
/// <param name="Sizes">int64, [blocks, steps]: weights that went.</param>
/// <param name="Blocks">The curvature's blocks.</param>
internal sealed record RemovalTrace(Tensor Members, Tensor Saliencies, Tensor Sizes, ImmutableArray<CurvatureBlock> Blocks) : IDisposable
{
    /// <summary>
    /// Merges the orders of all blocks of all layers: takes the cheapest removals until the next would be more than
    /// <paramref name="count"/> weights. A block's removals go in their order: a cheap one that follows a dear one counts as dear.
    /// </summary>
    /// <param name="traces">Of each layer; their saliencies are comparable.</param>
    /// <param name="count">Weights to prune.</param>
    /// <returns>Bool, [d] of each layer: what is pruned. Of removals of one saliency, the first of the lower block goes first.</returns>
    public static ImmutableArray<Tensor> Merge(IReadOnlyList<RemovalTrace> traces, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor costs = cat([.. traces.Select(t => t.Saliencies.shape[1] == 0 ? t.Saliencies.flatten() : t.Saliencies.cummax(1).values.flatten())]);
        Tensor sizes = cat([.. traces.Select(t => t.Sizes.flatten())]);
        (Tensor sorted, Tensor order) = costs.sort(0, descending: false, stable: true);
        Tensor taken = sizes.index_select(0, order).cumsum(0).le(count).logical_and(sorted.isfinite());
        Tensor chosen = zeros_like(taken).scatter_(0, order, taken);
        long at = 0;
        ImmutableArray<Tensor>.Builder masks = ImmutableArray.CreateBuilder<Tensor>(traces.Count);
        foreach (RemovalTrace trace in traces)
        {
            masks.Add(trace.MaskOf(chosen.narrow(0, at, trace.Sizes.numel()).view_as(trace.Sizes)).MoveToOuterDisposeScope());
            at += trace.Sizes.numel();
        }

        return masks.MoveToImmutable();
    }

    /// <summary>The weights that all removals took, bool, [d].</summary>
    public Tensor Pruned() => Members.ge(0);

    public void Dispose()
    {
        Members.Dispose();
        Saliencies.Dispose();
        Sizes.Dispose();
    }

    /// <summary>Chosen removals are the first of each block, so that a weight went if its place lies below their number.</summary>
    private Tensor MaskOf(Tensor chosen)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lengths = tensor(Blocks.Select(b => b.Length).ToArray(), device: Members.device);
        Tensor limits = chosen.sum(1).repeat_interleave(lengths);
        return Members.ge(0).logical_and(Members.lt(limits)).MoveToOuterDisposeScope();
    }
}
