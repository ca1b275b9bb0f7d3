using System.Collections.Immutable;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// F⁻¹ as M-FAC's vectors (Frantar, Kurtic and Alistarh 2021, section 3.1): F⁻¹x = x/λ − Σᵢ (uᵢᵀx/denᵢ)·uᵢ, in memory and time
/// linear in N·d.
/// </summary>
internal sealed class FactoredInverseFisher : LowRankCurvature
{
    private readonly ImmutableArray<Tensor> vectors;
    private readonly ImmutableArray<Tensor> denominators;
    private readonly ImmutableArray<Tensor> coefficients;

    /// <param name="blocks">See <see cref="IInverseCurvature.Blocks"/>.</param>
    /// <param name="scales">1/λ, or what stands in the diagonal of a block without numbers.</param>
    /// <param name="magnitudeBlocks">The blocks without numbers.</param>
    /// <param name="vectors">u of each block, [r, c]; this object's from here on.</param>
    /// <param name="denominators">den of each block, [r]; this object's from here on.</param>
    public FactoredInverseFisher(
        ImmutableArray<CurvatureBlock> blocks, ImmutableArray<double> scales, ImmutableArray<bool> magnitudeBlocks,
        ImmutableArray<Tensor> vectors, ImmutableArray<Tensor> denominators)
        : base(blocks, scales, magnitudeBlocks)
    {
        (this.vectors, this.denominators) = (vectors, denominators);
        coefficients = [.. denominators.Select(d => d.reciprocal().DetachFromDisposeScope())];
    }

    /// <summary>u₁ … u_N of a block, [N, c]; one more, of negative denominator, where the Fisher matrix is centred.</summary>
    public Tensor Vectors(int block) => vectors[block];

    /// <summary>den₁ … den_N of a block, [N].</summary>
    public Tensor Denominators(int block) => denominators[block];

    protected override Device Device => vectors[0].device;

    protected override Tensor Coefficients(int block) => coefficients[block];

    protected override Tensor RowsAt(int block, Tensor columns) => vectors[block].index_select(1, columns);

    protected override Tensor MultiplyBlock(int block, Tensor vector) =>
        (vector * ScaleOf(block)) - vectors[block].t().mv(coefficients[block] * vectors[block].mv(vector));

    /// <summary>
    /// Directly where Q has no more weights than there are vectors; else by Woodbury's identity from a matrix between the vectors:
    /// (s·I − UᵀD⁻¹U)⁻¹ = I/s + Uᵀ(D − UUᵀ/s)⁻¹U/s², which has no definite sign where the Fisher matrix is centred.
    /// </summary>
    protected override Tensor Solve(int block, Tensor inside, Tensor set, Tensor values)
    {
        if (set.numel() <= vectors[block].shape[0])
        {
            (Tensor factor, Tensor info) = linalg.cholesky_ex(Submatrix(block, set, set));
            InverseCurvatures.ThrowIfFailed(info.ne(0).any());
            return values.unsqueeze(1).cholesky_solve(factor).squeeze(1);
        }

        double scale = ScaleOf(block);
        Tensor rows = RowsAt(block, set);
        Tensor small = diag_embed(denominators[block]) - (rows.matmul(rows.t()) / scale);
        Tensor right = rows.mv(values).unsqueeze(1);
        Tensor between = linalg.solve(small, right).squeeze(1);
        return (values / scale) + (rows.t().mv(between) / (scale * scale));
    }

    protected override void Dispose(bool disposing)
    {
        foreach (Tensor tensor in vectors.Concat(denominators).Concat(coefficients))
        {
            tensor.Dispose();
        }
    }
}
