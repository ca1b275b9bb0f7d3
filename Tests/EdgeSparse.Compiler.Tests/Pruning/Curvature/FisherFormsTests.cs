using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class FisherFormsTests
{
    public FisherFormsTests() => TorchLibrary.EnsureLoaded();

    internal static IEnumerable<CurvatureForm> WholeForms => [CurvatureForm.Dense, CurvatureForm.Factored, CurvatureForm.Dual];

    [Fact]
    public void Every_form_gives_the_worked_inverse()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (CurvatureForm form in WholeForms)
        {
            using IInverseCurvature inverse = WorkedExample.Inverse(form);
            WorkedExample.Equal(WorkedExample.InverseRows, WorkedExample.Whole(inverse));
            WorkedExample.Equal([1.270315091, 1.270315091, 1.111111111, .805970149], inverse.Diagonal());
            Tensor all = arange(4, ScalarType.Int64);
            WorkedExample.Equal(WorkedExample.InverseRows, inverse.Submatrix(0, all, all));
            WorkedExample.Equal(WorkedExample.InverseRows, inverse.Submatrices(all.unsqueeze(0)));
        }
    }

    [Fact]
    public void The_factored_form_has_the_worked_vectors_one_at_a_time_or_all_at_once()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (int together in new[] { 1, 2, 3 })
        {
            using FactoredInverseFisherBuilder builder = new(4, 3, new FisherOptions(WorkedExample.Dampening), CPU, together);
            builder.Add(WorkedExample.Gradients);
            using FactoredInverseFisher inverse = (FactoredInverseFisher)builder.Build();
            WorkedExample.Equal([2, 0, 2, 0, -.571428571, 2, 1.428571429, 0, 1.2, -1.2, 0, 4], inverse.Vectors(0));
            WorkedExample.Equal([7, 6.428571429, 13.4], inverse.Denominators(0));
            WorkedExample.Equal([.300165837, .255389718, .055555556, 1.074626866], inverse.Multiply(WorkedExample.Weights));
        }
    }

    [Fact]
    public void All_forms_are_the_inverse_of_the_matrix_they_stand_for()
    {
        foreach (RandomProblem problem in RandomProblem.Some(25))
        {
            using DisposeScope scope = NewDisposeScope();
            foreach (bool centred in new[] { false, true })
            {
                Tensor expected = linalg.inv(problem.Fisher(centred));
                foreach (CurvatureForm form in WholeForms)
                {
                    using IInverseCurvature inverse = problem.Inverse(form, centred);

                    // The dual form keeps what is left of centred gradients in single precision.
                    double tolerance = centred && form == CurvatureForm.Dual ? 1e-4 : 1e-9;
                    double scale = 1 / problem.Dampening;
                    WorkedExample.Equal(expected, WorkedExample.Whole(inverse), tolerance * scale);
                    WorkedExample.Equal(expected.diagonal(), inverse.Diagonal(), tolerance * scale);
                    Assert.Equal(0, inverse.MagnitudeBlocks);
                }
            }
        }
    }

    [Fact]
    public void The_dual_formula_is_the_recursion_to_nine_digits()
    {
        foreach (RandomProblem problem in RandomProblem.Some(15))
        {
            using DisposeScope scope = NewDisposeScope();
            RandomProblem whole = problem with { BlockSize = problem.Count };
            Tensor g = whole.Gradients.to(ScalarType.Float64);
            Tensor between = g.matmul(g.t()) + (eye(whole.Samples, dtype: ScalarType.Float64) * (whole.Samples * whole.Dampening));
            Tensor expected = (eye(whole.Count, dtype: ScalarType.Float64) - g.t().matmul(linalg.solve(between, g))) / whole.Dampening;
            using BlockInverseFisherBuilder builder = new(whole.Count, whole.Samples, whole.Options(), CPU, panelRows: 1);
            builder.Add(g);
            using IInverseCurvature recursion = builder.Build();
            WorkedExample.Equal(expected, WorkedExample.Whole(recursion), 1e-9 / whole.Dampening);
        }
    }

    [Fact]
    public void The_order_of_gradients_and_how_they_arrive_do_not_matter()
    {
        foreach (RandomProblem problem in RandomProblem.Some(15))
        {
            using DisposeScope scope = NewDisposeScope();
            foreach (CurvatureForm form in WholeForms)
            {
                using IInverseCurvature inverse = problem.Inverse(form);
                using FisherBuilder builder = InverseCurvatures.Builder(problem.Count, problem.Samples, problem.Options(form), CPU);
                for (int i = problem.Samples - 1; i >= 0; i--)
                {
                    builder.Add(problem.Gradients[i]);
                }

                using IInverseCurvature reversed = builder.Build();
                WorkedExample.Equal(WorkedExample.Whole(inverse), WorkedExample.Whole(reversed), 1e-9 / problem.Dampening);
                WorkedExample.Equal(problem.Gradients.to(ScalarType.Float64).mean([0]), builder.MeanGradient(), 1e-12);
            }
        }
    }

    [Fact]
    public void Single_entries_are_those_of_the_whole_in_every_form()
    {
        foreach (RandomProblem problem in RandomProblem.Some(25).Where(p => p.Count >= 11))
        {
            using DisposeScope scope = NewDisposeScope();
            long[] members = [.. Enumerable.Range(-1, 12).Select(i => (long)i)];
            new Random(problem.Seed).Shuffle(members);
            members = [.. members.Select(i => i < 0 ? i : i * problem.Count / 11)];
            Tensor groups = tensor(members, [4, 3]);
            foreach (CurvatureForm form in WholeForms.Append(CurvatureForm.Diagonal))
            {
                using IInverseCurvature inverse = problem.Inverse(form);
                Tensor whole = WorkedExample.Whole(inverse);
                Tensor matrices = inverse.Submatrices(groups);
                for (int g = 0; g < 4; g++)
                {
                    for (int i = 0; i < 9; i++)
                    {
                        (long row, long column) = (groups[g, i / 3].item<long>(), groups[g, i % 3].item<long>());
                        double expected = row >= 0 && column >= 0 ? whole[row, column].item<double>() : row < 0 && i / 3 == i % 3 ? 1 : 0;
                        Assert.Equal(expected, matrices[g, i / 3, i % 3].item<double>(), 1e-9 / problem.Dampening);
                    }
                }

                CurvatureBlock last = inverse.Blocks[^1];
                Tensor rows = tensor(new[] { last.Length - 1, 0 });
                Tensor some = inverse.Submatrix(inverse.Blocks.Length - 1, rows, tensor(new[] { 0L }));
                WorkedExample.Equal(
                    [whole[last.Start + last.Length - 1, last.Start].item<double>(), whole[last.Start, last.Start].item<double>()], some, 1e-9 / problem.Dampening);
            }
        }
    }

    [Fact]
    public void The_diagonal_form_inverts_the_mean_squares()
    {
        using DisposeScope scope = NewDisposeScope();
        using IInverseCurvature inverse = WorkedExample.Inverse(CurvatureForm.Diagonal);
        WorkedExample.Equal([1 / (.5 + (2.0 / 3)), 1 / (.5 + (2.0 / 3)), 1 / (.5 + (2.0 / 3)), 1 / (.5 + (4.0 / 3))], inverse.Diagonal());
        using IInverseCurvature centred = WorkedExample.Inverse(CurvatureForm.Diagonal, centred: true);
        Assert.Equal(1 / (.5 + (2.0 / 3) - (4.0 / 9)), centred.Diagonal()[0].item<double>(), 1e-9);
    }

    [Fact]
    public void Without_gradients_nothing_is_compensated_and_magnitude_ranks()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = WorkedExample.Weights;
        foreach (CurvatureForm form in WholeForms.Append(CurvatureForm.Diagonal))
        {
            using IInverseCurvature inverse = InverseCurvatures.Fisher(zeros(5, 4), new FisherOptions(.5, Form: form));
            WorkedExample.Equal([1, .25, .0625, 4], SaliencyStatistic.Single(weights, inverse.Diagonal()) * 4, 1e-12);
            WorkedExample.Equal([0, .5, -.25, 0], inverse.ExactUpdate(weights, WorkedExample.Set(1, 2)), 1e-12);
            WorkedExample.Equal([0, .5, -.25, 0], SummedUpdate.Of(inverse, weights, WorkedExample.Set(1, 2)), 1e-12);
        }

        using DiagonalInverse identity = DiagonalInverse.Identity(4, CPU);
        WorkedExample.Equal([.5, .125, .03125, 2], SaliencyStatistic.Single(weights, identity.Diagonal()), 1e-12);
    }

    [Fact]
    public void A_block_without_numbers_is_counted_in_every_form_and_leaves_the_others_alone()
    {
        foreach (CurvatureForm form in WholeForms.Append(CurvatureForm.Diagonal))
        {
            foreach (bool centred in new[] { false, true })
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor gradients = WorkedExample.Gradients;
                gradients[2, 2] = float.NaN;
                using IInverseCurvature inverse = InverseCurvatures.Fisher(gradients, new FisherOptions(WorkedExample.Dampening, 2, centred, form));
                using IInverseCurvature well = InverseCurvatures.Fisher(WorkedExample.Gradients.narrow(1, 0, 2), new FisherOptions(WorkedExample.Dampening, 2, centred, form));
                Assert.Equal(1, inverse.MagnitudeBlocks);
                WorkedExample.Equal(WorkedExample.Whole(well), WorkedExample.Whole(inverse).narrow(0, 0, 2).narrow(1, 0, 2));
                double neutral = inverse.Diagonal()[2].item<double>();
                Assert.InRange(neutral, .5, 1.9);
                WorkedExample.Equal([0, .2, .3, 0], inverse.Multipliers(tensor(new[] { 0, .2 * well.Diagonal()[1].item<double>(), .3 * neutral, 9 }), WorkedExample.Set(1, 2)));
                Assert.True(inverse.ExactUpdate(WorkedExample.Weights, WorkedExample.Set(2)).isfinite().all().item<bool>());
                Assert.True(inverse.Submatrices(tensor(new long[] { 2, 3, 0, 2 }, [2, 2])).isfinite().all().item<bool>());
            }
        }
    }

    [Fact]
    public void Blocks_up_to_the_number_of_gradients_are_dense_and_larger_ones_dual()
    {
        Assert.Equal(CurvatureForm.Dense, InverseCurvatures.FormOf(36864, 1000, new FisherOptions(BlockSize: 1000)));
        Assert.Equal(CurvatureForm.Dense, InverseCurvatures.FormOf(432, 1000, new FisherOptions()));
        Assert.Equal(CurvatureForm.Dual, InverseCurvatures.FormOf(36864, 1000, new FisherOptions()));
        Assert.Equal(CurvatureForm.Factored, InverseCurvatures.FormOf(432, 1000, new FisherOptions(Form: CurvatureForm.Factored)));
    }

    [Fact]
    public void Missing_gradients_are_an_error()
    {
        using FisherBuilder builder = InverseCurvatures.Builder(4, 3, new FisherOptions(), CPU);
        builder.Add(WorkedExample.Gradients.narrow(0, 0, 2));
        Assert.Equal("2 of 3 gradients were added", Assert.Throws<InvalidOperationException>(builder.Build).Message);
        Assert.Throws<ArgumentException>(() => builder.Add(WorkedExample.Gradients));
        Assert.Throws<ArgumentException>(() => builder.Add(zeros(1, 5)));
    }
}
