using System.Collections.Immutable;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// The inverse H⁻¹ of a dampened curvature (Fisher or Hessian) over d weights, flattened in row-major order, zero between blocks.
/// What it takes and gives lies on the device of the gradients that it was made of; what it gives is float64 and the caller's to
/// dispose. A weight that was pruned before has no gradient: its row is 0 but for the diagonal.
/// </summary>
internal interface IInverseCurvature : IDisposable
{
    /// <summary>d.</summary>
    long Count { get; }

    /// <summary>Where H⁻¹ is not zero, ascending, together all weights.</summary>
    ImmutableArray<CurvatureBlock> Blocks { get; }

    /// <summary>
    /// How many blocks had gradients that are no numbers, or rounding left them without a positive definite inverse. Such a block
    /// is a multiple of the identity: within it weights are judged by their magnitude, and nothing is compensated. The multiple is
    /// the inverse of the mean diagonal of the blocks that are well, so that selection across blocks neither spares nor hits it.
    /// </summary>
    int MagnitudeBlocks { get; }

    /// <summary>The diagonal of H⁻¹, [d], at least <see cref="InverseCurvatures.LeastDiagonal"/>.</summary>
    Tensor Diagonal();

    /// <summary>H⁻¹ x, [d].</summary>
    /// <param name="vector">x, [d], of any floating type.</param>
    Tensor Multiply(Tensor vector);

    /// <summary>
    /// y with (H⁻¹)_QQ y_Q = x_Q in every block, and y = 0 outside Q, [d]: the multipliers of the constraints that take Q away.
    /// Solved, never inverted.
    /// </summary>
    /// <param name="vector">x, [d]; what it has outside Q does not matter.</param>
    /// <param name="pruned">Q: bool, [d].</param>
    /// <exception cref="PruningException">Rounding left (H⁻¹)_QQ not positive definite, or Q is too large for this form.</exception>
    Tensor Multipliers(Tensor vector, Tensor pruned);

    /// <summary>Entries of H⁻¹ within a block, [rows, columns].</summary>
    /// <param name="block">Of <see cref="Blocks"/>.</param>
    /// <param name="rows">int64, [r], counted from the block's first weight.</param>
    /// <param name="columns">int64, [c], likewise.</param>
    Tensor Submatrix(int block, Tensor rows, Tensor columns);

    /// <summary>The entries of H⁻¹ within each of many small groups of weights, [groups, size, size]; 0 between blocks.</summary>
    /// <param name="groups">
    /// int64, [groups, size]: weights counted from the first of all; −1 where a group is smaller, which gives a row of the identity.
    /// </param>
    Tensor Submatrices(Tensor groups);
}
