using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class ExactSetTests
{
    public ExactSetTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void Two_weights_taken_together_change_the_others_as_worked()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (CurvatureForm form in FisherFormsTests.WholeForms)
        {
            using IInverseCurvature inverse = WorkedExample.Inverse(form);
            Tensor change = inverse.ExactUpdate(WorkedExample.Weights, WorkedExample.Set(1, 2));
            WorkedExample.Equal([.139344262, .5, -.25, .131147541], change);
            WorkedExample.Equal([1.139344262, 0, 0, 2.131147541], WorkedExample.Weights + change);
            Assert.Equal(.101349044, inverse.SetSaliency(WorkedExample.Weights, WorkedExample.Set(1, 2)), 1e-6);
        }
    }

    [Fact]
    public void One_weight_changes_the_others_as_worked()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (CurvatureForm form in FisherFormsTests.WholeForms)
        {
            using IInverseCurvature inverse = WorkedExample.Inverse(form);
            WorkedExample.Equal([.1, .1, -.25, 0], inverse.ExactUpdate(WorkedExample.Weights, WorkedExample.Set(2)));
            WorkedExample.Equal([.1, .1, -.25, 0], SummedUpdate.Of(inverse, WorkedExample.Weights, WorkedExample.Set(2)));
            Assert.Equal(.028125, inverse.SetSaliency(WorkedExample.Weights, WorkedExample.Set(2)), 1e-6);
        }
    }

    [Fact]
    public void The_exact_form_costs_less_than_the_summed_one_and_that_less_than_the_mask_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense);
        Tensor w = WorkedExample.Weights;
        Tensor stays = WorkedExample.Set(0, 3).to(ScalarType.Float64);
        Tensor summed = SummedUpdate.Of(inverse, w, WorkedExample.Set(1, 2));
        WorkedExample.Equal([.212271540, .6, -.424934726, .140992167], summed);
        WorkedExample.Equal([1.212271540, 0, 0, 2.140992167], (w + summed) * stays);
        Assert.Equal(.101349044, Cost(inverse.ExactUpdate(w, WorkedExample.Set(1, 2))), 1e-6);
        Assert.Equal(.105018905, Cost(((w + summed) * stays) - w), 1e-6);
        Assert.Equal(.140625, Cost((w * stays) - w), 1e-6);
        Assert.Equal(.028125, Cost(inverse.ExactUpdate(w, WorkedExample.Set(2))), 1e-6);
    }

    [Fact]
    public void Without_scale_the_summed_form_is_the_mask_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Dense);
        WorkedExample.Equal([0, 0, 0, 0], SummedUpdate.Of(inverse, WorkedExample.Weights, WorkedExample.Set(1, 2), scale: 0), 0);
    }

    [Fact]
    public void On_a_quadratic_loss_pruning_costs_exactly_its_saliency_in_every_form()
    {
        foreach (RandomProblem problem in RandomProblem.Some(20))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor pruned = problem.Set(problem.Seed % 2 == 0 ? .9 : .3);
            foreach (CurvatureForm form in FisherFormsTests.WholeForms)
            {
                using IInverseCurvature inverse = problem.Inverse(form);
                Tensor change = inverse.ExactUpdate(problem.Weights, pruned);
                Assert.True((problem.Weights + change).masked_select(pruned).eq(0).all().item<bool>());
                double cost = change.dot(problem.Fisher().mv(change)).item<double>() / 2;
                Assert.Equal(cost, inverse.SetSaliency(problem.Weights, pruned), 1e-8 * Math.Max(1, cost));

                // No other change of the weights that stay costs less: the slope is 0 there.
                Tensor slope = problem.Fisher().mv(change).masked_fill(pruned, 0);
                WorkedExample.Equal(zeros(problem.Count), slope, 1e-8 * Math.Max(1, cost));
            }
        }
    }

    [Fact]
    public void With_a_slope_the_exact_form_is_the_constrained_minimum()
    {
        foreach (RandomProblem problem in RandomProblem.Some(10))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor g = problem.Gradients.to(ScalarType.Float64).mean([0]);
            Tensor pruned = problem.Set(.4);
            foreach (CurvatureForm form in FisherFormsTests.WholeForms)
            {
                using IInverseCurvature inverse = problem.Inverse(form);
                Tensor change = inverse.ExactUpdate(problem.Weights, pruned, g);
                Assert.True((problem.Weights + change).masked_select(pruned).eq(0).all().item<bool>());
                Tensor slope = (problem.Fisher().mv(change) + g).masked_fill(pruned, 0);
                WorkedExample.Equal(zeros(problem.Count), slope, 1e-7);

                Tensor h = inverse.Multiply(g);
                double rise = (change.dot(problem.Fisher().mv(change)) / 2).item<double>() + g.dot(change).item<double>();
                Assert.Equal(rise, inverse.SetSaliency(problem.Weights, pruned, g) - (g.dot(h).item<double>() / 2), 1e-7 * Math.Max(1, Math.Abs(rise)));
            }
        }
    }

    private static double Cost(Tensor change)
    {
        Tensor g = WorkedExample.Gradients.to(ScalarType.Float64);
        Tensor fisher = (g.t().matmul(g) / 3) + (eye(4, dtype: ScalarType.Float64) * WorkedExample.Dampening);
        return change.dot(fisher.mv(change)).item<double>() / 2;
    }
}
