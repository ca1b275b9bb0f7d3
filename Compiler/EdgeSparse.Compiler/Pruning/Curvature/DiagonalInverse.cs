using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>An inverse that is 0 but for its diagonal: no weight makes up for another.</summary>
internal sealed class DiagonalInverse : IInverseCurvature
{
    private readonly Tensor diagonal;

    /// <param name="blocks">See <see cref="IInverseCurvature.Blocks"/>.</param>
    /// <param name="diagonal">[d] float64, positive; this object's from here on.</param>
    /// <param name="magnitudeBlocks">See <see cref="IInverseCurvature.MagnitudeBlocks"/>.</param>
    public DiagonalInverse(ImmutableArray<CurvatureBlock> blocks, Tensor diagonal, int magnitudeBlocks) =>
        (Blocks, this.diagonal, MagnitudeBlocks) = (blocks, diagonal.DetachFromDisposeScope(), magnitudeBlocks);

    public long Count => diagonal.shape[0];

    public ImmutableArray<CurvatureBlock> Blocks { get; }

    public int MagnitudeBlocks { get; }

    /// <summary>The identity: the statistic is half the square of the weight, which is pruning by magnitude.</summary>
    public static DiagonalInverse Identity(long count, Device device) =>
        new(CurvatureBlock.Split(count, null), ones(count, ScalarType.Float64, device), 0);

    public Tensor Diagonal() => diagonal.clamp_min(InverseCurvatures.LeastDiagonal);

    public Tensor Multiply(Tensor vector) => diagonal * vector;

    public Tensor Multipliers(Tensor vector, Tensor pruned)
    {
        using DisposeScope scope = NewDisposeScope();
        return where(pruned, vector / diagonal, zeros_like(diagonal)).MoveToOuterDisposeScope();
    }

    public Tensor Submatrix(int block, Tensor rows, Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor equal = rows.unsqueeze(1).eq(columns.unsqueeze(0)).to(ScalarType.Float64);
        return (equal * diagonal.index_select(0, rows + Blocks[block].Start).unsqueeze(1)).MoveToOuterDisposeScope();
    }

    public Tensor Submatrices(Tensor groups)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor entries = diagonal.index_select(0, groups.clamp_min(0).flatten()).view_as(groups);
        return diag_embed(where(groups.lt(0), ones_like(entries), entries)).MoveToOuterDisposeScope();
    }

    public void Dispose() => diagonal.Dispose();
}
