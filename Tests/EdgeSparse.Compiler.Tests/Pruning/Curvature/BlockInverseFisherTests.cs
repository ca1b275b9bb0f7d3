using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class BlockInverseFisherTests
{
    public BlockInverseFisherTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void After_one_gradient_of_three_the_inverse_is_the_worked_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gradients = zeros(3, 4);
        gradients[0] = WorkedExample.Gradients[0];
        using IInverseCurvature inverse = InverseCurvatures.Fisher(gradients, new FisherOptions(WorkedExample.Dampening));
        WorkedExample.Equal(
            [1.428571429, 0, -.571428571, 0, 0, 2, 0, 0, -.571428571, 0, 1.428571429, 0, 0, 0, 0, 2], WorkedExample.Whole(inverse));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void One_gradient_at_a_time_or_several_give_the_worked_inverse(int together)
    {
        using DisposeScope scope = NewDisposeScope();
        using BlockInverseFisherBuilder builder = new(4, 3, new FisherOptions(WorkedExample.Dampening), CPU, together);
        builder.Add(WorkedExample.Gradients);
        using IInverseCurvature inverse = builder.Build();
        WorkedExample.Equal(WorkedExample.InverseRows, WorkedExample.Whole(inverse));
        WorkedExample.Equal([1.270315091, 1.270315091, 1.111111111, .805970149], inverse.Diagonal());
        Assert.Equal(0, inverse.MagnitudeBlocks);
    }

    [Fact]
    public void Chunks_of_two_ignore_what_lies_between_them()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense, blockSize: 2);
        WorkedExample.Equal(
            [
                .933333333, .266666667, 0, 0,
                .266666667, .933333333, 0, 0,
                0, 0, .857142857, 0,
                0, 0, 0, .545454545,
            ],
            WorkedExample.Whole(inverse));
        WorkedExample.Equal([.266666667, .933333333], inverse.Submatrix(0, tensor(new[] { 1L }), tensor(new[] { 0L, 1L })));
        WorkedExample.Equal([0, 0, -.25, 0], inverse.ExactUpdate(WorkedExample.Weights, WorkedExample.Set(2)));
        Assert.Equal(1.142857143, 1 + inverse.ExactUpdate(WorkedExample.Weights, WorkedExample.Set(1, 2))[0].item<double>(), 1e-6);
    }

    [Fact]
    public void A_shorter_last_block_is_inverted_by_itself()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense, blockSize: 3);
        Assert.Equal([new CurvatureBlock(0, 3), new CurvatureBlock(3, 1)], inverse.Blocks);
        WorkedExample.Equal([.545454545], inverse.Submatrix(1, tensor(new[] { 0L }), tensor(new[] { 0L })));
        Assert.Equal(2 * .545454545, inverse.Multiply(WorkedExample.Weights)[3].item<double>(), 1e-6);
    }

    [Fact]
    public void Groups_that_reach_over_blocks_have_no_entries_between_them()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense, blockSize: 3);
        Tensor within = inverse.Submatrix(0, arange(3), arange(3));
        Tensor groups = tensor(new long[] { 2, 1, 2, 3, 3, -1 }, [3, 2]);
        double a = within[2, 2].item<double>();
        WorkedExample.Equal(
            [a, within[2, 1].item<double>(), within[1, 2].item<double>(), within[1, 1].item<double>(), a, 0, 0, .545454545, .545454545, 0, 0, 1],
            inverse.Submatrices(groups));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_block_without_numbers_falls_back_to_magnitude_and_is_counted(float bad)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gradients = WorkedExample.Gradients;
        gradients[1, 3] = bad;
        using IInverseCurvature inverse = InverseCurvatures.Fisher(gradients, new FisherOptions(WorkedExample.Dampening, 2));
        Assert.Equal(1, inverse.MagnitudeBlocks);

        // Mean squares of the other block are 2/3 and 2/3.
        WorkedExample.Equal([.933333333, .933333333, 1 / (.5 + (2.0 / 3)), 1 / (.5 + (2.0 / 3))], inverse.Diagonal());
        Assert.Equal(0, inverse.Multiply(WorkedExample.Weights * WorkedExample.Set(2).to(ScalarType.Float64))[3].item<double>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Dampening_must_be_positive(double dampening) =>
        Assert.Contains("dampening", Assert.Throws<PruningException>(() => InverseCurvatures.Fisher(WorkedExample.Gradients, new FisherOptions(dampening))).Message);
}
