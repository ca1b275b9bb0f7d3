using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class WeightGroupsTests
{
    public WeightGroupsTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void Groups_have_the_worked_saliencies()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor groups = tensor(new long[] { 0, 1, 2, 3 }, [2, 2]);
        foreach (CurvatureForm form in FisherFormsTests.WholeForms)
        {
            using IInverseCurvature inverse = WorkedExample.Inverse(form);
            Tensor saliencies = WeightGroups.Saliencies(inverse, WorkedExample.Weights, groups);
            WorkedExample.Equal([.611201299, 2.509606481], saliencies);
            Tensor chosen = tensor(new[] { true, false });
            Assert.Equal([true, true, false, false], WeightGroups.MembersOf(groups, chosen, 4).data<bool>().ToArray());
        }
    }

    [Fact]
    public void A_groups_saliency_is_that_of_the_set_in_every_form_and_over_blocks()
    {
        foreach (RandomProblem problem in RandomProblem.Some(10).Where(p => p.Count >= 4))
        {
            using DisposeScope scope = NewDisposeScope();
            long[] members = [0, problem.Count / 3, problem.Count - 1, -1];
            members = [.. members.Distinct().Concat(Enumerable.Repeat(-1L, 4)).Take(4)];
            Tensor set = tensor(Enumerable.Range(0, problem.Count).Select(i => members.Contains(i)).ToArray());
            foreach (CurvatureForm form in FisherFormsTests.WholeForms.Append(CurvatureForm.Diagonal))
            {
                using IInverseCurvature inverse = problem.Inverse(form);
                double saliency = WeightGroups.Saliencies(inverse, problem.Weights, tensor(members, [1, 4]))[0].item<double>();
                Assert.Equal(inverse.SetSaliency(problem.Weights, set), saliency, 1e-8 * Math.Max(1, saliency));
            }
        }
    }

    [Fact]
    public void Two_of_four_stay_by_the_statistic()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = tensor(new[] { .1, -.5, .3, .05, -.2, .2, .7, -.6 });
        Tensor groups = arange(8, ScalarType.Int64).view(2, 4);
        Assert.Equal(
            [false, true, true, false, false, false, true, true],
            WeightGroups.KeepOfEach(weights.square(), groups, 2).data<bool>().ToArray());
        WorkedExample.Equal([.01 + .25 + .09 + .0025, .04 + .04 + .49 + .36], WeightGroups.SumsOfSquares(weights, groups), 1e-12);
    }

    [Fact]
    public void Of_equal_weights_the_first_of_a_group_stay_and_smaller_groups_keep_their_share()
    {
        Tensor groups = tensor(new long[] { 0, 1, 2, 3, 4, 5, 6, -1, 7, -1, -1, -1 }, [3, 4]);
        Assert.Equal([2L, 2, 1], WeightGroups.KeptOf(groups, 2).data<long>().ToArray());
        Assert.Equal(
            [true, true, false, false, true, true, false, true],
            WeightGroups.KeepOfEach(ones(8, ScalarType.Float64), groups, 2).data<bool>().ToArray());
    }

    [Fact]
    public void No_group_keeps_more_than_it_may()
    {
        foreach (RandomProblem problem in RandomProblem.Some(20))
        {
            using DisposeScope scope = NewDisposeScope();
            int count = problem.Count * 4;
            Tensor groups = randperm(count, ScalarType.Int64, generator: new Generator((ulong)problem.Seed)).view(-1, 4);
            Tensor statistic = (problem with { Count = count }).Weights.square();
            Tensor kept = WeightGroups.KeepOfEach(statistic, groups, 2);
            Assert.True(WeightGroups.Gather(kept.to(ScalarType.Int64), groups, 0).sum(1).eq(2).all().item<bool>());
        }
    }
}
