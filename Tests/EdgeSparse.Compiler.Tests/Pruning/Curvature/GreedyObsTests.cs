using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class GreedyObsTests
{
    public GreedyObsTests() => TorchLibrary.EnsureLoaded();

    private static Tensor All => ones(4, ScalarType.Bool);

    [Fact]
    public void Two_removals_go_as_worked_and_end_where_the_exact_update_does()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense);
        (Tensor weights, RemovalTrace trace) = GreedyObs.Run(inverse, WorkedExample.Weights, All, GreedyUnits.Weights, 2);
        WorkedExample.Equal([1.139344262, 0, 0, 2.131147541], weights);
        WorkedExample.Equal([.028125000, .073224044], trace.Saliencies);
        Assert.Equal(.101349044, trace.Saliencies.sum().item<double>(), 1e-6);
        Assert.Equal([-1L, 1, 0, -1], trace.Members.data<long>().ToArray());
    }

    [Fact]
    public void Two_of_four_end_as_worked()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense);
        Tensor groups = arange(4, ScalarType.Int64).view(1, 4);
        (Tensor weights, RemovalTrace trace) = GreedyObs.Run(inverse, WorkedExample.Weights, All, GreedyUnits.KeptOfEach(groups, 2));
        WorkedExample.Equal([1.139344262, 0, 0, 2.131147541], weights);
        Assert.Equal([0L, 1], WorkedOrder(trace));
    }

    [Fact]
    public void A_block_of_two_goes_as_a_whole()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense);
        Tensor groups = tensor(new long[] { 0, 1, 2, 3 }, [2, 2]);
        (Tensor weights, RemovalTrace trace) = GreedyObs.Run(inverse, WorkedExample.Weights, All, GreedyUnits.Blocks(groups), 1);
        WorkedExample.Equal([.611201299], trace.Saliencies);
        WorkedExample.Equal(WorkedExample.Weights + inverse.ExactUpdate(WorkedExample.Weights, WorkedExample.Set(0, 1)), weights);
    }

    [Fact]
    public void Greedy_weights_are_those_of_the_exact_update_of_the_same_set()
    {
        foreach (RandomProblem problem in RandomProblem.Some(20))
        {
            using DisposeScope scope = NewDisposeScope();
            using IInverseCurvature inverse = problem.Inverse();
            Tensor alive = problem.Set(.2).logical_not();
            Tensor start = problem.Weights * alive.to(ScalarType.Float64);
            long steps = Math.Max(1, problem.BlockSize / 2);
            (Tensor weights, RemovalTrace trace) = GreedyObs.Run(inverse, start, alive, GreedyUnits.Weights, steps);

            // What was pruned before has no gradient in use, here it has: the update must not revive it.
            using IInverseCurvature masked = InverseCurvatures.Fisher(problem.Gradients * alive.to(ScalarType.Float32), problem.Options());
            (weights, trace) = GreedyObs.Run(masked, start, alive, GreedyUnits.Weights, steps);
            Assert.False(trace.Pruned().logical_and(alive.logical_not()).any().item<bool>());
            WorkedExample.Equal(start + masked.ExactUpdate(start, trace.Pruned()), weights, 1e-7);
            double total = trace.Saliencies.masked_fill(trace.Saliencies.isinf(), 0).sum().item<double>();
            Assert.Equal(masked.SetSaliency(start, trace.Pruned()), total, 1e-8 * Math.Max(1, total));
        }
    }

    [Fact]
    public void Long_traces_settle_what_is_pending_and_stay_exact()
    {
        using DisposeScope scope = NewDisposeScope();
        RandomProblem problem = new(150, 400, 200, .01, 7);
        using IInverseCurvature inverse = problem.Inverse(CurvatureForm.Dense);
        Tensor alive = ones(400, ScalarType.Bool);
        (Tensor weights, RemovalTrace trace) = GreedyObs.Run(inverse, problem.Weights, alive, GreedyUnits.Weights, 170);
        Assert.Equal(340, trace.Pruned().count_nonzero().item<long>());
        WorkedExample.Equal(problem.Weights + inverse.ExactUpdate(problem.Weights, trace.Pruned()), weights, 1e-7);

        Tensor groups = arange(400, ScalarType.Int64).view(-1, 4);
        (weights, trace) = GreedyObs.Run(inverse, problem.Weights, alive, GreedyUnits.Blocks(groups), 42);
        Assert.Equal(336, trace.Pruned().count_nonzero().item<long>());
        WorkedExample.Equal(problem.Weights + inverse.ExactUpdate(problem.Weights, trace.Pruned()), weights, 1e-7);
        Tensor byGroup = trace.Pruned().view(-1, 4).to(ScalarType.Int64).sum(1);
        Assert.True(byGroup.eq(0).logical_or(byGroup.eq(4)).all().item<bool>());

        (weights, trace) = GreedyObs.Run(inverse, problem.Weights, alive, GreedyUnits.KeptOfEach(groups, 2));
        Assert.True(trace.Pruned().view(-1, 4).to(ScalarType.Int64).sum(1).eq(2).all().item<bool>());
        WorkedExample.Equal(problem.Weights + inverse.ExactUpdate(problem.Weights, trace.Pruned()), weights, 1e-7);
    }

    [Fact]
    public void Smaller_groups_at_an_edge_go_and_stay_by_their_share()
    {
        using DisposeScope scope = NewDisposeScope();
        RandomProblem problem = new(20, 14, 7, .1, 11);
        using IInverseCurvature inverse = problem.Inverse(CurvatureForm.Dense);
        Tensor alive = ones(14, ScalarType.Bool);
        Tensor groups = tensor(new long[] { 0, 1, 2, 3, 4, 5, 6, -1, 7, 8, 9, 10, 11, 12, 13, -1 }, [4, 4]);
        (Tensor weights, RemovalTrace trace) = GreedyObs.Run(inverse, problem.Weights, alive, GreedyUnits.KeptOfEach(groups, 2));
        Tensor left = WeightGroups.Gather(trace.Pruned().logical_not().to(ScalarType.Int64), groups, 0).sum(1);
        Assert.Equal([2L, 2, 2, 2], left.data<long>().ToArray());
        (weights, trace) = GreedyObs.Run(inverse, problem.Weights, alive, GreedyUnits.Blocks(groups), 1);
        Assert.Equal(2, trace.Sizes.numel());
        WorkedExample.Equal(problem.Weights + inverse.ExactUpdate(problem.Weights, trace.Pruned()), weights, 1e-8);
        Assert.Equal(trace.Sizes.sum().item<long>(), trace.Pruned().count_nonzero().item<long>());
    }

    [Fact]
    public void Traces_merge_by_cost_and_never_out_of_a_blocks_order()
    {
        using DisposeScope scope = NewDisposeScope();
        var blocks = CurvatureBlock.Split(6, 3);
        RemovalTrace trace = new(
            tensor(new long[] { 1, 0, 2, 0, 2, 1 }), tensor(new[] { 5.0, 1, 7, 2, 3, double.PositiveInfinity }, [2, 3]),
            tensor(new long[] { 1, 1, 1, 1, 1, 0 }, [2, 3]), blocks);
        Assert.Equal([false, false, false, true, false, false], RemovalTrace.Merge([trace], 1)[0].data<bool>().ToArray());
        Assert.Equal([false, false, false, true, false, true], RemovalTrace.Merge([trace], 2)[0].data<bool>().ToArray());
        Assert.Equal([true, true, false, true, false, true], RemovalTrace.Merge([trace], 4)[0].data<bool>().ToArray());
        Assert.Equal([true, true, true, true, false, true], RemovalTrace.Merge([trace], 6)[0].data<bool>().ToArray());

        RemovalTrace other = trace with { Saliencies = trace.Saliencies / 10 };
        var masks = RemovalTrace.Merge([trace, other], 5);
        Assert.Equal([false, false, false, false, false, false], masks[0].data<bool>().ToArray());
        Assert.Equal([true, true, true, true, false, true], masks[1].data<bool>().ToArray());
    }

    [Fact]
    public void A_shorter_last_block_and_factored_forms_go_too()
    {
        using DisposeScope scope = NewDisposeScope();
        RandomProblem problem = new(6, 23, 10, .1, 5);
        Tensor alive = ones(23, ScalarType.Bool);
        double[] expected = [];
        foreach (CurvatureForm form in FisherFormsTests.WholeForms)
        {
            using IInverseCurvature inverse = problem.Inverse(form);
            (Tensor weights, RemovalTrace trace) = GreedyObs.Run(inverse, problem.Weights, alive, GreedyUnits.Weights);
            Assert.True(trace.Pruned().all().item<bool>());
            Assert.Equal([3L, 10], trace.Saliencies.shape);
            Assert.Equal(7, trace.Saliencies.isinf().count_nonzero().item<long>());
            WorkedExample.Equal(zeros(23), weights, 0);
            double[] costs = trace.Saliencies.nan_to_num(0, 0, 0).data<double>().ToArray();
            expected = expected.Length == 0 ? costs : expected;
            Assert.All(expected.Zip(costs), p => Assert.Equal(p.First, p.Second, 1e-8));
        }
    }

    [Fact]
    public void A_group_in_two_blocks_and_a_block_too_long_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense, blockSize: 2);
        Tensor groups = tensor(new long[] { 1, 2 }, [1, 2]);
        Assert.Contains("two curvature blocks", Assert.Throws<PruningException>(
            () => GreedyObs.Run(inverse, WorkedExample.Weights, All, GreedyUnits.Blocks(groups))).Message);
        using DiagonalInverse large = DiagonalInverse.Identity(8193, CPU);
        Assert.Contains("8193", Assert.Throws<PruningException>(
            () => GreedyObs.Run(large, zeros(8193), ones(8193, ScalarType.Bool), GreedyUnits.Weights)).Message);
    }

    /// <summary>The steps of weights 2 and 1.</summary>
    private static long[] WorkedOrder(RemovalTrace trace) => [trace.Members[2].item<long>(), trace.Members[1].item<long>()];
}
