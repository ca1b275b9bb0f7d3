using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// What greedy removal takes at a time, and how much of it: single weights, whole blocks, or single weights of which every group
/// keeps N of M.
/// </summary>
internal sealed class GreedyUnits
{
    private readonly Tensor? groups;
    private readonly long? kept;

    private GreedyUnits(Tensor? groups, long? kept) => (this.groups, this.kept) = (groups, kept);

    public static GreedyUnits Weights { get; } = new(null, null);

    /// <summary>Blocks go as a whole.</summary>
    /// <param name="groups">See <see cref="WeightGroups"/>; each within one curvature block.</param>
    public static GreedyUnits Blocks(Tensor groups) => new(groups, null);

    /// <summary>Single weights go, until each group has no more than N left.</summary>
    /// <param name="groups">See <see cref="WeightGroups"/>; each within one curvature block.</param>
    /// <param name="kept">N.</param>
    public static GreedyUnits KeptOfEach(Tensor groups, long kept) => new(groups, kept);

    /// <summary>The units of blocks of one length, counted from each block's first weight: int64, [blocks, units, size], −1 where none.</summary>
    /// <exception cref="PruningException">A group reaches over two of the curvature's blocks.</exception>
    public Tensor UnitsOf(long start, long blocks, long length, Device device)
    {
        if (groups is null || kept is not null)
        {
            return arange(length, ScalarType.Int64, device).view(1, length, 1).expand(blocks, length, 1);
        }

        using DisposeScope scope = NewDisposeScope();
        (Tensor inside, Tensor block) = Locate(start, blocks, length);
        long size = inside.shape[1];
        Tensor counts = zeros(blocks, ScalarType.Int64, device).index_add_(0, block, ones_like(block), 1);
        long most = blocks == 0 || inside.shape[0] == 0 ? 0 : counts.max().item<long>();
        Tensor place = PlacesWithin(block, counts);
        Tensor units = full([blocks * most, size], -1L, ScalarType.Int64, device);
        Tensor local = where(inside.lt(0), inside, inside - start - (block * length).unsqueeze(1));
        units.index_copy_(0, (block * most) + place, local);
        return units.view(blocks, most, size).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// For N:M: the group of each weight in its block, [blocks, length], and how many of each group may go, [blocks, groups]. Null
    /// for others.
    /// </summary>
    /// <exception cref="PruningException">A group reaches over two of the curvature's blocks.</exception>
    public (Tensor GroupOf, Tensor Budget)? LimitsOf(long start, long blocks, long length, Device device)
    {
        if (groups is null || kept is not { } n)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        (Tensor inside, Tensor block) = Locate(start, blocks, length);
        Tensor counts = zeros(blocks, ScalarType.Int64, device).index_add_(0, block, ones_like(block), 1);
        long most = Math.Max(1, inside.shape[0] == 0 ? 0 : counts.max().item<long>());
        Tensor place = PlacesWithin(block, counts);
        Tensor present = inside.ge(0);
        Tensor budget = zeros([blocks * most], ScalarType.Int64, device)
            .index_copy_(0, (block * most) + place, present.sum(1) - WeightGroups.KeptOf(inside, n));
        Tensor groupOf = zeros([blocks * length], ScalarType.Int64, device);
        groupOf.index_copy_(0, inside.masked_select(present) - start, place.unsqueeze(1).expand_as(inside).masked_select(present));
        return (groupOf.view(blocks, length).MoveToOuterDisposeScope(), budget.view(blocks, most).MoveToOuterDisposeScope());
    }

    /// <summary>Groups that lie in the blocks given, by block, and the block of each.</summary>
    private (Tensor Groups, Tensor Block) Locate(long start, long blocks, long length)
    {
        Tensor first = groups!.amax([1]);
        Tensor chosen = groups.index_select(0, first.ge(start).logical_and(first.lt(start + (blocks * length))).nonzero().flatten());
        Tensor block = (chosen.amax([1]) - start).div(length, RoundingMode.floor);
        Tensor apart = (chosen - start).div(length, RoundingMode.floor).ne(block.unsqueeze(1)).logical_and(chosen.ge(0));
        if (apart.any().item<bool>())
        {
            throw new PruningException("a group of weights reaches over two curvature blocks: make their size a multiple of the group's, and order weights by group");
        }

        (_, Tensor order) = block.sort(0, descending: false, stable: true);
        return (chosen.index_select(0, order), block.index_select(0, order));
    }

    /// <summary>The number of each group among those of its block, where groups are in the order of their blocks.</summary>
    private static Tensor PlacesWithin(Tensor block, Tensor counts)
    {
        Tensor before = counts.cumsum(0) - counts;
        return arange(block.shape[0], ScalarType.Int64, block.device) - before.index_select(0, block);
    }
}
