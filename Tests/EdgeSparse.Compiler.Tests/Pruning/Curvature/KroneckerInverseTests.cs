using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class KroneckerInverseTests
{
    private const double Dampening = .01;

    public KroneckerInverseTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void It_is_the_inverse_of_the_dampened_Kronecker_product()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor a, Tensor s) = (Moments(5, 1), Moments(3, 2));
        using KroneckerInverse inverse = new(a, s, Dampening);
        Tensor expected = linalg.inv(Explicit(a, s));
        WorkedExample.Equal(expected, WorkedExample.Whole(inverse), 1e-9);
        WorkedExample.Equal(expected.diagonal(), inverse.Diagonal(), 1e-9);
        Tensor all = arange(15, ScalarType.Int64);
        WorkedExample.Equal(expected, inverse.Submatrix(0, all, all), 1e-9);
        Tensor groups = tensor(new long[] { 0, 7, 14, -1 }, [2, 2]);
        Tensor matrices = inverse.Submatrices(groups);
        WorkedExample.Equal(
            [expected[0, 0].item<double>(), expected[0, 7].item<double>(), expected[7, 0].item<double>(), expected[7, 7].item<double>()], matrices[0], 1e-9);
        WorkedExample.Equal([expected[14, 14].item<double>(), 0, 0, 1], matrices[1], 1e-9);
    }

    [Fact]
    public void Pi_shares_the_dampening_by_the_mean_diagonals()
    {
        using DisposeScope scope = NewDisposeScope();

        // π² = 4/1: the factors become 4 + 2·0.1 and 1 + 0.1/2.
        using KroneckerInverse inverse = new(tensor(new[] { 4.0 }, [1, 1]), tensor(new[] { 1.0 }, [1, 1]), Dampening);
        WorkedExample.Equal([1 / (4.2 * 1.05)], inverse.Diagonal(), 1e-12);
        using KroneckerInverse nothing = new(zeros(2, 2), zeros(3, 3), Dampening);
        WorkedExample.Equal([100, 100, 100, 100, 100, 100], nothing.Diagonal(), 1e-9);
    }

    [Fact]
    public void Groups_of_a_convolution_are_blocks()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor a, Tensor s) = (stack([Moments(4, 1), Moments(4, 2)]), stack([Moments(2, 3), Moments(2, 4)]));
        using KroneckerInverse inverse = new(a, s, Dampening);
        Assert.Equal([new CurvatureBlock(0, 8), new CurvatureBlock(8, 8)], inverse.Blocks);
        Tensor whole = WorkedExample.Whole(inverse);
        WorkedExample.Equal(linalg.inv(Explicit(a[1], s[1])), whole.narrow(0, 8, 8).narrow(1, 8, 8), 1e-9);
        WorkedExample.Equal(zeros(8, 8), whole.narrow(0, 0, 8).narrow(1, 8, 8), 0);
        Tensor groups = tensor(new long[] { 7, 8, 9, 14 }, [2, 2]);
        Tensor matrices = inverse.Submatrices(groups);
        Assert.Equal(0, matrices[0, 0, 1].item<double>());
        Assert.Equal(whole[9, 14].item<double>(), matrices[1, 0, 1].item<double>(), 1e-12);
    }

    [Fact]
    public void Sets_of_thousands_are_solved_by_iteration_as_exactly()
    {
        using DisposeScope scope = NewDisposeScope();
        using KroneckerInverse inverse = new(Moments(72, 1), Moments(64, 2), Dampening);
        Tensor weights = new RandomProblem(1, 4608, 1, 1, 3).Weights;
        Tensor pruned = new RandomProblem(1, 4608, 1, 1, 4).Set(.95);
        Assert.InRange(pruned.count_nonzero().item<long>(), 4097, 4607);
        Tensor multipliers = inverse.Multipliers(weights, pruned);
        WorkedExample.Equal(zeros(4608), multipliers.masked_fill(pruned, 0), 0);
        WorkedExample.Equal(weights.masked_fill(pruned.logical_not(), 0), inverse.Multiply(multipliers).masked_fill(pruned.logical_not(), 0), 1e-9);
    }

    [Fact]
    public void A_small_set_costs_what_the_explicit_matrix_says()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor a, Tensor s) = (Moments(5, 1), Moments(3, 2));
        using KroneckerInverse inverse = new(a, s, Dampening);
        RandomProblem problem = new(1, 15, 1, 1, 9);
        Tensor change = inverse.ExactUpdate(problem.Weights, problem.Set(.5));
        double cost = change.dot(Explicit(a, s).mv(change)).item<double>() / 2;
        Assert.Equal(cost, inverse.SetSaliency(problem.Weights, problem.Set(.5)), 1e-9);
    }

    [Fact]
    public void Factors_without_numbers_are_refused() =>
        Assert.Throws<PruningException>(() => new KroneckerInverse(full([2, 2], double.NaN, ScalarType.Float64), eye(2), Dampening));

    private static Tensor Moments(int size, int seed)
    {
        Tensor samples = new RandomProblem(size * 3, size, 1, 1, seed).Gradients.to(ScalarType.Float64);
        return samples.t().matmul(samples) / samples.shape[0];
    }

    private static Tensor Explicit(Tensor a, Tensor s)
    {
        double pi = Math.Sqrt(a.trace().item<double>() / a.shape[0] / (s.trace().item<double>() / s.shape[0]));
        Tensor left = s + (eye(s.shape[0], dtype: ScalarType.Float64) * (Math.Sqrt(Dampening) / pi));
        Tensor right = a + (eye(a.shape[0], dtype: ScalarType.Float64) * (Math.Sqrt(Dampening) * pi));
        return left.kron(right);
    }
}
