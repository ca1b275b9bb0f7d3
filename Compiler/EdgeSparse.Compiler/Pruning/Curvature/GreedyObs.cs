using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// Optimal brain surgeon one removal after another (ExactOBS, Frantar and Alistarh 2022; CAP, Kuznedelev et al. 2023): in every
/// block the cheapest unit goes, all others make up for it, and the inverse loses its rows and columns. The weights end where the
/// exact update of the whole set would put them; what it adds is which set.
/// </summary>
internal static class GreedyObs
{
    // Blocks are dense matrices here: 8192² float64 are 512 MiB.
    private const long LongestBlock = 8192;
    private const long PieceElements = 1 << 23;

    /// <param name="inverse">H⁻¹; left as it is. Blocks of up to 8192 weights.</param>
    /// <param name="weights">w, [d].</param>
    /// <param name="alive">Bool, [d]: what is not pruned yet.</param>
    /// <param name="units">What goes at a time.</param>
    /// <param name="mostRemovals">Of a block; null: until nothing is left that may go.</param>
    /// <returns>The weights after all removals, [d] float64, 0 where pruned; and the trace. The caller's to dispose.</returns>
    /// <exception cref="PruningException">A block is longer, a group lies in two blocks, or rounding left a matrix not positive definite.</exception>
    public static (Tensor Weights, RemovalTrace Trace) Run(
        IInverseCurvature inverse, Tensor weights, Tensor alive, GreedyUnits units, long? mostRemovals = null)
    {
        if (inverse.Blocks.Max(b => b.Length) is > LongestBlock and long length)
        {
            throw new PruningException($"greedy removal works on blocks of up to {LongestBlock} weights, not {length}: set a block size");
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor result = weights.to(ScalarType.Float64).clone();
        Tensor members = full([inverse.Count], -1L, ScalarType.Int64, result.device);
        List<(Tensor Saliencies, Tensor Sizes)> parts = [];
        for (int first = 0; first < inverse.Blocks.Length;)
        {
            int last = PieceEnd(inverse.Blocks, first);
            using DisposeScope piece = NewDisposeScope();
            (long start, long count) = (inverse.Blocks[first].Start, (last - first) * inverse.Blocks[first].Length);
            Tensor all = arange(inverse.Blocks[first].Length, ScalarType.Int64, result.device);
            Tensor dense = stack([.. Enumerable.Range(first, last - first).Select(b => inverse.Submatrix(b, all, all))]);
            GreedyBlocks blocks = new(dense, result.narrow(0, start, count), alive.narrow(0, start, count), units, start);
            (Tensor saliencies, Tensor sizes) = blocks.Run(mostRemovals, members.narrow(0, start, count));
            parts.Add((saliencies.MoveToOuterDisposeScope(), sizes.MoveToOuterDisposeScope()));
            first = last;
        }

        long steps = parts.Max(p => p.Saliencies.shape[1]);
        Tensor joined = cat([.. parts.Select(p => Padded(p.Saliencies, steps, double.PositiveInfinity))]);
        RemovalTrace trace = new(
            members.MoveToOuterDisposeScope(), joined.MoveToOuterDisposeScope(),
            cat([.. parts.Select(p => Padded(p.Sizes, steps, 0L))]).MoveToOuterDisposeScope(), inverse.Blocks);
        return (result.MoveToOuterDisposeScope(), trace);
    }

    /// <summary>Blocks of one length whose matrices together stay small.</summary>
    private static int PieceEnd(ImmutableArray<CurvatureBlock> blocks, int first)
    {
        long length = blocks[first].Length;
        long together = Math.Max(1, PieceElements / (length * length));
        int last = first + 1;
        while (last < blocks.Length && last - first < together && blocks[last].Length == length)
        {
            last++;
        }

        return last;
    }

    private static Tensor Padded(Tensor part, long steps, Scalar filler) =>
        part.shape[1] == steps ? part : cat([part, full([part.shape[0], steps - part.shape[1]], filler, part.dtype, part.device)], 1);
}
