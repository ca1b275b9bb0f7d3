using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// F⁻¹ = (1/λ)·[I − Gᵀ(NλI + GGᵀ)⁻¹G], by the gradients themselves and one matrix between them. Sets of any size are taken away
/// exactly: with S the weights that stay, ((F⁻¹)_QQ)⁻¹ = λ·[I + G_Qᵀ(NλI + G_S·G_Sᵀ)⁻¹G_Q], a sum of two positive matrices.
/// </summary>
internal sealed class DualInverseFisher : LowRankCurvature
{
    // Rows at a time: few enough to spare most of the upper triangle, enough for products of matrices.
    private const long GramRows = 192;

    private readonly Tensor gradients;
    private readonly double dampening;
    private readonly ImmutableArray<Tensor> factors;
    private readonly Tensor coefficient;

    /// <param name="blocks">See <see cref="IInverseCurvature.Blocks"/>.</param>
    /// <param name="scales">1/λ, or what stands in the diagonal of a block without numbers.</param>
    /// <param name="magnitudeBlocks">The blocks without numbers.</param>
    /// <param name="dampening">λ.</param>
    /// <param name="gradients">G, [N, d], of any floating type; this object's from here on.</param>
    /// <param name="factors">The lower Cholesky factor of NλI + GGᵀ of each block, [N, N]; this object's from here on.</param>
    public DualInverseFisher(
        ImmutableArray<CurvatureBlock> blocks, ImmutableArray<double> scales, ImmutableArray<bool> magnitudeBlocks,
        double dampening, Tensor gradients, ImmutableArray<Tensor> factors)
        : base(blocks, scales, magnitudeBlocks)
    {
        (this.dampening, this.gradients, this.factors) = (dampening, gradients, factors);
        coefficient = full([gradients.shape[0]], 1 / dampening, ScalarType.Float64, gradients.device).DetachFromDisposeScope();
    }

    protected override Device Device => gradients.device;

    protected override Tensor Coefficients(int block) => coefficient;

    protected override Tensor RowsAt(int block, Tensor columns) =>
        linalg.solve_triangular(factors[block], Of(block).index_select(1, columns).to(ScalarType.Float64), upper: false);

    protected override Tensor MultiplyBlock(int block, Tensor vector)
    {
        Tensor between = Products(Of(block), vector).cholesky_solve(factors[block]);
        return (vector - Combination(Of(block), between)) / dampening;
    }

    protected override Tensor Solve(int block, Tensor inside, Tensor set, Tensor values)
    {
        Tensor stays = inside.logical_not().nonzero().flatten();
        Tensor small = Gram(Of(block), stays, gradients.shape[0] * dampening);
        (Tensor factor, Tensor info) = linalg.cholesky_ex(small);
        InverseCurvatures.ThrowIfFailed(info.ne(0).any());
        Tensor taken = Of(block).index_select(1, set);
        return (values + Combination(taken, Products(taken, values).cholesky_solve(factor))) * dampening;
    }

    /// <summary>
    /// G·Gᵀ over the columns given plus a multiple of the identity, in float64, [N, N]: the lower triangle, which is all that a
    /// Cholesky factorisation reads, and what blocks of rows bring with it.
    /// </summary>
    internal static Tensor Gram(Tensor gradients, Tensor? columns, double diagonal)
    {
        Tensor gram = zeros([gradients.shape[0], gradients.shape[0]], ScalarType.Float64, gradients.device);
        gram.diagonal().fill_(diagonal);
        long count = columns?.numel() ?? gradients.shape[1];
        ForEachPiece(gradients.shape[0], count, (at, width) =>
        {
            Tensor piece = (columns is null ? gradients.narrow(1, at, width) : gradients.index_select(1, columns.narrow(0, at, width)))
                .to(ScalarType.Float64);
            for (long row = 0; row < piece.shape[0]; row += GramRows)
            {
                long rows = Math.Min(GramRows, piece.shape[0] - row);
                gram.narrow(0, row, rows).narrow(1, 0, row + rows)
                    .addmm_(piece.narrow(0, row, rows), piece.narrow(0, 0, row + rows).t(), beta: 1, alpha: 1);
            }
        });
        return gram;
    }

    protected override void Dispose(bool disposing)
    {
        gradients.Dispose();
        coefficient.Dispose();
        foreach (Tensor factor in factors)
        {
            factor.Dispose();
        }
    }

    private static void ForEachPiece(long rows, long columns, Action<long, long> action)
    {
        long width = Math.Max(1, PieceElements / rows);
        for (long at = 0; at < columns; at += width)
        {
            using DisposeScope scope = NewDisposeScope();
            action(at, Math.Min(width, columns - at));
        }
    }

    /// <summary>G·x, [N, 1].</summary>
    private static Tensor Products(Tensor matrix, Tensor vector)
    {
        Tensor sum = zeros([matrix.shape[0]], ScalarType.Float64, matrix.device);
        ForEachPiece(matrix.shape[0], matrix.shape[1], (at, width) =>
            sum.add_(matrix.narrow(1, at, width).to(ScalarType.Float64).mv(vector.narrow(0, at, width))));
        return sum.unsqueeze(1);
    }

    /// <summary>Gᵀ·y, [c].</summary>
    private static Tensor Combination(Tensor matrix, Tensor coefficients)
    {
        Tensor result = empty([matrix.shape[1]], ScalarType.Float64, matrix.device);
        ForEachPiece(matrix.shape[0], matrix.shape[1], (at, width) =>
            result.narrow(0, at, width).copy_(matrix.narrow(1, at, width).to(ScalarType.Float64).t().mv(coefficients.squeeze(1))));
        return result;
    }

    private Tensor Of(int block) => gradients.narrow(1, Blocks[block].Start, Blocks[block].Length);
}
