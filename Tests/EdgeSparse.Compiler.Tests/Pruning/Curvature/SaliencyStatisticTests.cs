using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class SaliencyStatisticTests
{
    public SaliencyStatisticTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void The_statistic_of_single_weights_is_the_worked_one()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature whole = WorkedExample.Inverse(CurvatureForm.Dense);
        Tensor statistic = SaliencyStatistic.Single(WorkedExample.Weights, whole.Diagonal());
        WorkedExample.Equal([.393603133, .098400783, .028125000, 2.481481481], statistic);
        Assert.Equal(2, statistic.argmin().item<long>());
        using IInverseCurvature chunks = WorkedExample.Inverse(CurvatureForm.Dense, blockSize: 2);
        WorkedExample.Equal([.535714286, .133928571, .036458333, 3.666666667], SaliencyStatistic.Single(WorkedExample.Weights, chunks.Diagonal()));
    }

    [Fact]
    public void WoodTaylors_statistic_and_step_are_the_worked_ones()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense);
        Tensor g = WorkedExample.Gradients.to(ScalarType.Float64).mean([0]);
        WorkedExample.Equal([2.0 / 3, 0, 2.0 / 3, 2.0 / 3], g);
        Tensor h = inverse.Multiply(g);
        WorkedExample.Equal([.311774461, .132669983, .444444444, .298507463], h);
        Assert.Equal(.703150912, g.dot(h).item<double>(), 1e-6);
        Tensor gains = SaliencyStatistic.BlockGains(inverse, g, h);
        WorkedExample.Equal([.351575456, .351575456, .351575456, .351575456], gains);
        WorkedExample.Equal([-.165143603, -.194027415, -.334561567, 1.444444444], SaliencyStatistic.Taylor(WorkedExample.Weights, inverse.Diagonal(), h, gains));
        double[] step = [-.389552239, -.210447761, -.25, -.298507463];
        WorkedExample.Equal(step, SummedUpdate.Of(inverse, WorkedExample.Weights, WorkedExample.Set(2), g));
        WorkedExample.Equal(step, inverse.ExactUpdate(WorkedExample.Weights, WorkedExample.Set(2), g));
    }

    [Fact]
    public void Gains_are_those_of_the_block_that_a_weight_is_in()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense, blockSize: 3);
        Tensor gains = SaliencyStatistic.BlockGains(inverse, tensor(new[] { 1.0, 2, 3, 4 }), tensor(new[] { 2.0, 2, 2, 5 }));
        WorkedExample.Equal([6, 6, 6, 10], gains);
    }

    [Fact]
    public void Shifting_leaves_the_order_and_makes_the_least_nearly_nothing() => WorkedExample.Equal(
        [1e-10, 2 + 1e-10, 1 + 1e-10], SaliencyStatistic.Shifted(tensor(new[] { -1.0, 1, 0 })), 1e-15);

    [Fact]
    public void The_codes_form_ranks_alike_and_is_nothing_where_pruned()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense);
        Tensor parity = SaliencyStatistic.Parity(WorkedExample.Weights, inverse.Diagonal(), WorkedExample.Set(0, 1, 2));
        WorkedExample.Equal([2 * .393603133, 2 * .098400783, 2 * .028125, 0], parity);
    }

    [Fact]
    public void A_dear_layer_loses_weights_first() => WorkedExample.Equal(
        [1 / (Math.Pow(1000, .3) + 1e-10)], SaliencyStatistic.PerFlop(tensor(new[] { 1.0 }), 1000, .3), 1e-12);

    [Fact]
    public void A_change_longer_than_the_weights_is_shortened_to_their_length()
    {
        Tensor weights = tensor(new[] { 3.0, 4 });
        WorkedExample.Equal([0, 5], SummedUpdate.Clipped(tensor(new[] { 0, 10.0 }), weights), 1e-12);
        WorkedExample.Equal([0, 1], SummedUpdate.Clipped(tensor(new[] { 0, 1.0 }), weights), 1e-12);
        WorkedExample.Equal([0, 0], SummedUpdate.Clipped(tensor(new[] { 0.0, 0 }), weights), 0);
    }
}
