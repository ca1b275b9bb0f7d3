using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class SaliencySelectionTests
{
    public SaliencySelectionTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void The_threshold_rule_drops_the_kth_too()
    {
        Tensor statistic = tensor(new[] { .5, .1, .9, .3, .7 });
        Equal([false, false, true, false, true], SaliencySelection.ByThresholdRule([statistic], .4)[0]);
        Equal([true, true, true, true, true], SaliencySelection.ByThresholdRule([statistic], 0)[0]);
        Equal([false, false, false, false, false], SaliencySelection.ByThresholdRule([statistic], 1)[0]);
    }

    [Fact]
    public void The_threshold_rule_over_layers_has_one_threshold()
    {
        var masks = SaliencySelection.ByThresholdRule([tensor(new[] { .5, .1 }), tensor(new[] { .9, .3, .7 })], .4);
        Equal([false, false], masks[0]);
        Equal([true, false, true], masks[1]);
    }

    [Fact]
    public void Exactly_as_many_stay_as_asked_and_of_equals_the_first()
    {
        Tensor statistic = tensor(new[] { 1.0, 2, 1, 2, 1 });
        Equal([true, true, false, true, false], SaliencySelection.KeepLargest(statistic, 3));
        Equal([true, true, true, true, false], SaliencySelection.KeepLargest(statistic, 4));
        Equal([false, false, false, false, false], SaliencySelection.KeepLargest(statistic, 0));
        Equal([true, true, true, true, true], SaliencySelection.KeepLargest(statistic, 9));
    }

    [Fact]
    public void What_is_pruned_stays_pruned_whatever_its_statistic()
    {
        Tensor alive = tensor(new[] { false, true, true, false });
        Equal([false, false, true, false], SaliencySelection.KeepLargest(tensor(new[] { 9, .1, .2, double.NaN }), 1, alive));
        Equal([false, true, true, false], SaliencySelection.KeepLargest(tensor(new[] { 9, .1, .2, double.NaN }), 3, alive));
    }

    [Fact]
    public void Layers_chosen_together_share_one_count_and_by_themselves_one_share()
    {
        Tensor[] statistics = [tensor(new[] { 1.0, 2, 3, 4 }), tensor(new[] { 10.0, 20, 30, 4 })];
        var joint = SaliencySelection.Joint(statistics, 4);
        Equal([false, false, false, true], joint[0]);
        Equal([true, true, true, false], joint[1]);
        var independent = SaliencySelection.Independent(statistics, .5);
        Equal([false, false, true, true], independent[0]);
        Equal([false, true, true, false], independent[1]);
    }

    [Theory]
    [InlineData(10, .25, 8)]
    [InlineData(1000, .9, 100)]
    [InlineData(3, 1, 0)]
    public void The_count_is_the_nearest_whole_number(long total, double sparsity, long kept) =>
        Assert.Equal(kept, SaliencySelection.KeptAt(total, sparsity));

    [Fact]
    public void Sparsity_never_falls_along_a_schedule()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor alive = ones(500, ScalarType.Bool);
        for (int t = 0; t <= 10; t++)
        {
            // Every round has other statistics.
            Tensor statistic = new RandomProblem(1, 500, 1, 1, t).Weights.square();
            double sparsity = SparsitySchedule.Cubic(.05, .9, 0, 10, t);
            Tensor kept = SaliencySelection.KeepLargest(statistic, SaliencySelection.KeptAt(500, sparsity), alive);
            Assert.False(kept.logical_and(alive.logical_not()).any().item<bool>());
            Assert.Equal(SaliencySelection.KeptAt(500, sparsity), kept.count_nonzero().item<long>());
            alive = kept;
        }
    }

    [Fact]
    public void A_statistic_that_is_no_number_is_refused() =>
        Assert.Contains("no number", Assert.Throws<PruningException>(() => SaliencySelection.KeepLargest(tensor(new[] { 1, double.NaN }), 1)).Message);

    private static void Equal(bool[] expected, Tensor mask) => Assert.Equal(expected, mask.data<bool>().ToArray());
}
