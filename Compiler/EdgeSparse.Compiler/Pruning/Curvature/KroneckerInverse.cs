using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// K-FAC (Martens and Grosse 2015): a layer's curvature as S ⊗ A, S the second moments of the slopes at its outputs and A those of
/// its inputs; a convolution's by Grosse and Martens 2016. Dampened factor by factor (section 6.3): A + π√λ·I and S + (√λ/π)·I with
/// π² = (tr A / dim A)/(tr S / dim S). The weight [outputs, inputs] is flattened in row-major order, so that the entry between
/// (o, i) and (o′, i′) is S⁻¹[o, o′]·A⁻¹[i, i′].
/// </summary>
internal sealed class KroneckerInverse : IInverseCurvature
{
    // Above this the entries between the weights of a set are not made: 4096² of them take 128 MiB.
    private const long MostDense = 4096;
    private const int MostIterations = 2000;
    private const double Tolerance = 1e-13;

    private readonly Tensor inputs;
    private readonly Tensor outputs;
    private readonly Tensor inputsInverse;
    private readonly Tensor outputsInverse;

    /// <param name="inputMoments">
    /// A, [inputs, inputs], or [groups, inputs, inputs] of a convolution in groups. A last row and column for a bias do not belong
    /// here: a bias is neither pruned nor changed, and the curvature of the weights with the bias held fixed is without them.
    /// </param>
    /// <param name="outputMoments">S, [outputs, outputs], or [groups, outputs, outputs].</param>
    /// <param name="dampening">λ, above 0.</param>
    /// <exception cref="PruningException">The factors hold values that are no numbers, or λ is not positive.</exception>
    public KroneckerInverse(Tensor inputMoments, Tensor outputMoments, double dampening)
    {
        if (dampening is not (> 0 and < double.PositiveInfinity))
        {
            throw new PruningException($"the dampening of Kronecker factors must be a positive number, not {dampening}");
        }

        using DisposeScope scope = NewDisposeScope();
        (Tensor a, Tensor s) = (Batch(inputMoments), Batch(outputMoments));
        if (a.shape[0] != s.shape[0])
        {
            throw new ArgumentException($"{a.shape[0]} factors of inputs and {s.shape[0]} of outputs", nameof(outputMoments));
        }

        Tensor traceA = MeanDiagonal(a);
        Tensor traceS = MeanDiagonal(s);
        Tensor one = ones_like(traceA);
        Tensor pi = where(traceA.gt(0).logical_and(traceS.gt(0)), (traceA / where(traceS.gt(0), traceS, one)).sqrt(), one);
        inputs = Dampened(a, pi * Math.Sqrt(dampening));
        outputs = Dampened(s, Math.Sqrt(dampening) / pi);
        inputsInverse = Inverse(inputs);
        outputsInverse = Inverse(outputs);
        Tensor finite = inputsInverse.isfinite().all().logical_and(outputsInverse.isfinite().all());
        if (!finite.item<bool>())
        {
            throw new PruningException("the Kronecker factors of a layer hold values that are no numbers");
        }

        foreach (Tensor kept in new[] { inputs, outputs, inputsInverse, outputsInverse })
        {
            kept.DetachFromDisposeScope();
        }

        Blocks = CurvatureBlock.Split(a.shape[0] * a.shape[1] * s.shape[1], a.shape[1] * s.shape[1]);
    }

    public long Count => Blocks[^1].Start + Blocks[^1].Length;

    public ImmutableArray<CurvatureBlock> Blocks { get; }

    public int MagnitudeBlocks => 0;

    public Tensor Diagonal()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor diagonal = outputsInverse.diagonal(0, 1, 2).unsqueeze(2) * inputsInverse.diagonal(0, 1, 2).unsqueeze(1);
        return diagonal.flatten().clamp_min(InverseCurvatures.LeastDiagonal).MoveToOuterDisposeScope();
    }

    public Tensor Multiply(Tensor vector) => Multiply(outputsInverse, vector, inputsInverse);

    public Tensor Multipliers(Tensor vector, Tensor pruned)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = vector.to(ScalarType.Float64);
        Tensor result = zeros(Count, ScalarType.Float64, x.device);
        Tensor large = zeros(Count, ScalarType.Bool, x.device);
        for (int b = 0; b < Blocks.Length; b++)
        {
            using DisposeScope piece = NewDisposeScope();
            (long start, long length) = (Blocks[b].Start, Blocks[b].Length);
            Tensor set = pruned.narrow(0, start, length).nonzero().flatten();
            if (set.numel() > MostDense)
            {
                large.narrow(0, start, length).copy_(pruned.narrow(0, start, length));
            }
            else if (set.numel() > 0)
            {
                (Tensor factor, Tensor info) = linalg.cholesky_ex(Submatrix(b, set, set));
                InverseCurvatures.ThrowIfFailed(info.ne(0).any());
                Tensor right = x.narrow(0, start, length).index_select(0, set).unsqueeze(1);
                result.narrow(0, start, length).index_copy_(0, set, right.cholesky_solve(factor).squeeze(1));
            }
        }

        if (large.any().item<bool>())
        {
            result.add_(Iterate(x, large.to(ScalarType.Float64)));
        }

        return result.MoveToOuterDisposeScope();
    }

    public Tensor Submatrix(int block, Tensor rows, Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        long width = inputs.shape[1];
        Tensor rowOutputs = rows.div(width, RoundingMode.floor);
        Tensor columnOutputs = columns.div(width, RoundingMode.floor);
        Tensor s = outputsInverse[block].index_select(0, rowOutputs).index_select(1, columnOutputs);
        Tensor a = inputsInverse[block].index_select(0, rows - (rowOutputs * width)).index_select(1, columns - (columnOutputs * width));
        return (s * a).MoveToOuterDisposeScope();
    }

    public Tensor Submatrices(Tensor groups)
    {
        using DisposeScope scope = NewDisposeScope();
        (long width, long height) = (inputs.shape[1], outputs.shape[1]);
        Tensor place = groups.clamp_min(0);
        Tensor row = place.div(width, RoundingMode.floor);
        Tensor column = place - (row * width);
        Tensor block = row.div(height, RoundingMode.floor);
        Tensor within = row - (block * height);
        Tensor s = Entries(outputsInverse, block, within);
        Tensor a = Entries(inputsInverse, block, column);
        Tensor absent = groups.lt(0);
        Tensor joined = block.unsqueeze(2).eq(block.unsqueeze(1))
            .logical_and(absent.unsqueeze(2).logical_not()).logical_and(absent.unsqueeze(1).logical_not());
        return ((s * a * joined.to(ScalarType.Float64)) + diag_embed(absent.to(ScalarType.Float64))).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        inputs.Dispose();
        outputs.Dispose();
        inputsInverse.Dispose();
        outputsInverse.Dispose();
    }

    private static Tensor Batch(Tensor factor) =>
        (factor.dim() == 2 ? factor.unsqueeze(0) : factor).to(ScalarType.Float64);

    private static Tensor MeanDiagonal(Tensor factor) => factor.diagonal(0, 1, 2).mean([1]);

    private static Tensor Dampened(Tensor factor, Tensor amount) =>
        ((factor + factor.transpose(1, 2)) / 2) + (eye(factor.shape[1], dtype: ScalarType.Float64, device: factor.device) * amount.view(-1, 1, 1));

    private static Tensor Inverse(Tensor factor)
    {
        (Tensor root, Tensor info) = linalg.cholesky_ex(factor);
        InverseCurvatures.ThrowIfFailed(info.ne(0).any());
        return root.cholesky_inverse();
    }

    /// <summary>Entries between members of each group, [groups, size, size].</summary>
    private static Tensor Entries(Tensor matrices, Tensor block, Tensor place)
    {
        long n = matrices.shape[1];
        Tensor entry = (((block * n) + place).unsqueeze(2) * n) + place.unsqueeze(1);
        return matrices.flatten().index_select(0, entry.flatten()).view_as(entry);
    }

    private Tensor Multiply(Tensor left, Tensor vector, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor matrix = vector.to(ScalarType.Float64).view(left.shape[0], left.shape[1], right.shape[1]);
        return left.bmm(matrix).bmm(right).flatten().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Conjugate gradients on (H⁻¹)_QQ·y = x_Q, with H_QQ as its preconditioner: both are products with the small factors, and
    /// their product is nearly the identity.
    /// </summary>
    private Tensor Iterate(Tensor x, Tensor inside)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor residual = x * inside;
        double goal = residual.norm().item<double>() * Tolerance;
        Tensor solution = zeros_like(residual);
        Tensor direction = Multiply(outputs, residual, inputs) * inside;
        Tensor energy = residual.dot(direction);
        for (int i = 0; i < MostIterations; i++)
        {
            if (residual.norm().item<double>() <= goal)
            {
                return solution.MoveToOuterDisposeScope();
            }

            using DisposeScope step = NewDisposeScope();
            Tensor image = Multiply(direction) * inside;
            Tensor length = energy / direction.dot(image);
            solution.add_(direction * length);
            residual.sub_(image * length);
            Tensor preconditioned = Multiply(outputs, residual, inputs) * inside;
            Tensor next = residual.dot(preconditioned);
            direction.mul_(next / energy).add_(preconditioned);
            energy = next.MoveToOuterDisposeScope();
        }

        throw new PruningException($"the exact update of a K-FAC layer did not converge in {MostIterations} steps: raise the dampening");
    }
}
