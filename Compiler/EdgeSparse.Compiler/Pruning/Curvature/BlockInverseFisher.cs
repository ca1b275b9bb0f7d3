using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>F⁻¹ as matrices, one a block, all blocks of one length in one tensor.</summary>
internal sealed class BlockInverseFisher : IInverseCurvature
{
    // Elements of the matrices that a solution makes at a time: 64 MiB.
    private const long PieceElements = 1 << 23;

    private readonly ImmutableArray<Tensor> stacks;

    /// <param name="blocks">All of one length but the last, which may be shorter.</param>
    /// <param name="stacks">[n, c, c] and, where the last block is shorter, [1, r, r]; this object's from here on.</param>
    /// <param name="magnitudeBlocks">See <see cref="IInverseCurvature.MagnitudeBlocks"/>.</param>
    public BlockInverseFisher(ImmutableArray<CurvatureBlock> blocks, ImmutableArray<Tensor> stacks, int magnitudeBlocks)
    {
        (Blocks, this.stacks, MagnitudeBlocks) = (blocks, stacks, magnitudeBlocks);
        foreach (Tensor stack in stacks)
        {
            stack.DetachFromDisposeScope();
        }
    }

    public long Count => Blocks[^1].Start + Blocks[^1].Length;

    public ImmutableArray<CurvatureBlock> Blocks { get; }

    public int MagnitudeBlocks { get; }

    /// <summary>I/λ for every block.</summary>
    internal static ImmutableArray<Tensor> Stacks(ImmutableArray<CurvatureBlock> blocks, double dampening, Device device)
    {
        long size = blocks[0].Length;
        long rest = blocks[^1].Length;
        long whole = blocks.Length - (rest == size ? 0 : 1);
        return rest == size ? [Stack(whole, size)] : [Stack(whole, size), Stack(1, rest)];

        Tensor Stack(long n, long c)
        {
            Tensor stack = zeros([n, c, c], ScalarType.Float64, device).DetachFromDisposeScope();
            using Tensor diagonal = stack.diagonal(0, 1, 2);
            diagonal.fill_(1 / dampening);
            return stack;
        }
    }

    public Tensor Diagonal()
    {
        using DisposeScope scope = NewDisposeScope();
        return cat([.. stacks.Select(s => s.diagonal(0, 1, 2).flatten())])
            .clamp_min(InverseCurvatures.LeastDiagonal).MoveToOuterDisposeScope();
    }

    public Tensor Multiply(Tensor vector)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = vector.to(ScalarType.Float64);
        return cat([.. Parts().Select(p => p.Stack.bmm(x.narrow(0, p.Start, p.Length).view(p.Stack.shape[0], -1, 1)).flatten())])
            .MoveToOuterDisposeScope();
    }

    public Tensor Multipliers(Tensor vector, Tensor pruned)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = vector.to(ScalarType.Float64);
        Tensor result = zeros(Count, ScalarType.Float64, x.device);
        Tensor failed = zeros([], ScalarType.Bool, x.device);
        foreach ((Tensor stack, long start, _) in Parts())
        {
            (long blocks, long size) = (stack.shape[0], stack.shape[1]);
            long together = Math.Max(1, PieceElements / (size * size));
            for (long at = 0; at < blocks; at += together)
            {
                using DisposeScope piece = NewDisposeScope();
                long n = Math.Min(together, blocks - at);
                (long first, long length) = (start + (at * size), n * size);
                Tensor inside = pruned.narrow(0, first, length).view(n, size).to(ScalarType.Float64);

                // Rows and columns outside Q become those of the identity, so that all blocks are solved as one batch.
                Tensor masked = stack.narrow(0, at, n) * inside.unsqueeze(2) * inside.unsqueeze(1);
                masked.diagonal(0, 1, 2).add_(1 - inside);
                (Tensor factor, Tensor info) = linalg.cholesky_ex(masked);
                failed.logical_or_(info.ne(0).any());
                Tensor right = (x.narrow(0, first, length).view(n, size) * inside).unsqueeze(2);
                result.narrow(0, first, length).copy_(right.cholesky_solve(factor).flatten());
            }
        }

        InverseCurvatures.ThrowIfFailed(failed);
        return result.MoveToOuterDisposeScope();
    }

    public Tensor Submatrix(int block, Tensor rows, Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        return MatrixOf(block).index_select(0, rows).index_select(1, columns).MoveToOuterDisposeScope();
    }

    public Tensor Submatrices(Tensor groups)
    {
        using DisposeScope scope = NewDisposeScope();
        long size = groups.shape[1];
        Tensor result = eye(size, dtype: ScalarType.Float64, device: groups.device).unsqueeze(0)
            .mul(groups.lt(0).to(ScalarType.Float64).unsqueeze(2));
        foreach ((Tensor stack, long start, long length) in Parts())
        {
            long c = stack.shape[1];
            Tensor inside = groups.ge(start).logical_and(groups.lt(start + length));
            Tensor place = (groups - start).clamp(0, length - 1);
            Tensor block = place.div(c, RoundingMode.floor);
            Tensor entry = (place * c).unsqueeze(2) + (place - (block * c)).unsqueeze(1);
            Tensor joined = block.unsqueeze(2).eq(block.unsqueeze(1))
                .logical_and(inside.unsqueeze(2)).logical_and(inside.unsqueeze(1));
            result = result + (stack.flatten().index_select(0, entry.flatten()).view_as(entry) * joined.to(ScalarType.Float64));
        }

        return result.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (Tensor stack in stacks)
        {
            stack.Dispose();
        }
    }

    private Tensor MatrixOf(int block) => block < stacks[0].shape[0] ? stacks[0][block] : stacks[1][0];

    private IEnumerable<(Tensor Stack, long Start, long Length)> Parts()
    {
        long start = 0;
        foreach (Tensor stack in stacks)
        {
            long length = stack.shape[0] * stack.shape[1];
            yield return (stack, start, length);
            start += length;
        }
    }
}
