using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// An inverse that is, in every block, a multiple of the identity less a matrix of low rank: s·I − Zᵀ·diag(a)·Z with Z [r, c]. No
/// matrix of c × c entries is ever made unless one is asked for.
/// </summary>
/// <param name="blocks">See <see cref="IInverseCurvature.Blocks"/>.</param>
/// <param name="scales">s of each block.</param>
/// <param name="magnitudeBlocks">Of rank 0; see <see cref="IInverseCurvature.MagnitudeBlocks"/>.</param>
internal abstract class LowRankCurvature(ImmutableArray<CurvatureBlock> blocks, ImmutableArray<double> scales, ImmutableArray<bool> magnitudeBlocks)
    : IInverseCurvature
{
    // Elements of Z made at a time: 64 MiB.
    protected const long PieceElements = 1 << 23;

    public long Count => Blocks[^1].Start + Blocks[^1].Length;

    public ImmutableArray<CurvatureBlock> Blocks { get; } = blocks;

    public int MagnitudeBlocks => magnitudeBlocks.Count(bad => bad);

    public Tensor Diagonal()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor result = empty(Count, ScalarType.Float64, Device);
        for (int b = 0; b < Blocks.Length; b++)
        {
            Tensor part = result.narrow(0, Blocks[b].Start, Blocks[b].Length);
            part.fill_(ScaleOf(b));
            long width = magnitudeBlocks[b] ? Blocks[b].Length : Math.Max(1, PieceElements / Coefficients(b).shape[0]);
            for (long at = 0; at < Blocks[b].Length && !magnitudeBlocks[b]; at += width)
            {
                using DisposeScope piece = NewDisposeScope();
                long end = Math.Min(at + width, Blocks[b].Length);
                Tensor rows = RowsAt(b, arange(at, end, ScalarType.Int64, Device));
                part.narrow(0, at, end - at).sub_(Coefficients(b).unsqueeze(0).matmul(rows.square()).squeeze(0));
            }
        }

        return result.clamp_min(InverseCurvatures.LeastDiagonal).MoveToOuterDisposeScope();
    }

    public Tensor Multiply(Tensor vector)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = vector.to(ScalarType.Float64);
        return cat([.. Blocks.Select((block, b) =>
        {
            Tensor part = x.narrow(0, block.Start, block.Length);
            return magnitudeBlocks[b] ? part * ScaleOf(b) : MultiplyBlock(b, part);
        })]).MoveToOuterDisposeScope();
    }

    public Tensor Multipliers(Tensor vector, Tensor pruned)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = vector.to(ScalarType.Float64);
        Tensor result = zeros(Count, ScalarType.Float64, x.device);
        for (int b = 0; b < Blocks.Length; b++)
        {
            using DisposeScope piece = NewDisposeScope();
            Tensor inside = pruned.narrow(0, Blocks[b].Start, Blocks[b].Length);
            Tensor set = inside.nonzero().flatten();
            if (set.numel() > 0)
            {
                Tensor part = x.narrow(0, Blocks[b].Start, Blocks[b].Length).index_select(0, set);
                result.narrow(0, Blocks[b].Start, Blocks[b].Length)
                    .index_copy_(0, set, magnitudeBlocks[b] ? part / ScaleOf(b) : Solve(b, inside, set, part));
            }
        }

        return result.MoveToOuterDisposeScope();
    }

    public Tensor Submatrix(int block, Tensor rows, Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor result = rows.unsqueeze(1).eq(columns.unsqueeze(0)).to(ScalarType.Float64) * ScaleOf(block);
        if (!magnitudeBlocks[block])
        {
            result = result - (RowsAt(block, rows) * Coefficients(block).unsqueeze(1)).t().matmul(RowsAt(block, columns));
        }

        return result.MoveToOuterDisposeScope();
    }

    public Tensor Submatrices(Tensor groups)
    {
        using DisposeScope scope = NewDisposeScope();
        long size = groups.shape[1];
        Tensor result = diag_embed(groups.lt(0).to(ScalarType.Float64));
        for (int b = 0; b < Blocks.Length; b++)
        {
            Tensor inside = groups.ge(Blocks[b].Start).logical_and(groups.lt(Blocks[b].Start + Blocks[b].Length)).to(ScalarType.Float64);
            Tensor place = (groups - Blocks[b].Start).clamp(0, Blocks[b].Length - 1);
            result = result + (diag_embed(inside) * ScaleOf(b));
            long together = magnitudeBlocks[b] ? groups.shape[0] : Math.Max(1, PieceElements / (Coefficients(b).shape[0] * size));
            for (long at = 0; at < groups.shape[0] && !magnitudeBlocks[b]; at += together)
            {
                using DisposeScope piece = NewDisposeScope();
                long n = Math.Min(together, groups.shape[0] - at);
                Tensor rows = RowsAt(b, place.narrow(0, at, n).flatten()) * inside.narrow(0, at, n).flatten();
                Tensor byGroup = rows.view(-1, n, size).permute(1, 2, 0);
                result.narrow(0, at, n).sub_((byGroup * Coefficients(b)).bmm(byGroup.transpose(1, 2)));
            }
        }

        return result.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract Device Device { get; }

    protected double ScaleOf(int block) => scales[block];

    /// <summary>a, [r].</summary>
    protected abstract Tensor Coefficients(int block);

    /// <summary>Columns of Z, [r, columns].</summary>
    protected abstract Tensor RowsAt(int block, Tensor columns);

    protected abstract Tensor MultiplyBlock(int block, Tensor vector);

    /// <summary>((H⁻¹)_QQ)⁻¹·x_Q in a block.</summary>
    /// <param name="block">Not a magnitude block.</param>
    /// <param name="inside">Q, bool, [c].</param>
    /// <param name="set">Q, int64, [q], at least one.</param>
    /// <param name="values">x_Q, [q].</param>
    protected abstract Tensor Solve(int block, Tensor inside, Tensor set, Tensor values);

    protected abstract void Dispose(bool disposing);
}
