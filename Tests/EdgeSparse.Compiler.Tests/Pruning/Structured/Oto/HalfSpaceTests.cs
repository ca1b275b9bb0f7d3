using EdgeSparse.Compiler.Pruning.Structured.Oto;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.Oto;

public sealed class HalfSpaceTests
{
    private static readonly OtoOptions Options = new();

    [Theory]
    [InlineData(3, 4, -1, 0.5, 0.1, 1e-3, 0.01, 3.0994, 3.9492, 25.095, false, false)]
    [InlineData(3, 4, 1, 1, 0.3, 1e-3, 0.001, 2.69982, 3.69976, 22.8985, true, false)]
    [InlineData(3, 4, -1, 0.5, 0.1, 10, 3.225, 2.9065, 3.692, 23.4875, true, false)]
    public void A_step_is_the_worked_one(
        double x0, double x1, double g0, double g1, double rate, double lambda, double penalty, double after0, double after1, double dotAfter, bool leavesAt95, bool leavesAt90)
    {
        (double dot, double gradientSquare, double norm) = ((x0 * g0) + (x1 * g1), (g0 * g0) + (g1 * g1), Math.Sqrt((x0 * x0) + (x1 * x1)));
        double found = HalfSpace.Penalty(dot, gradientSquare, norm, Options with { Lambda = lambda });
        Assert.Equal(penalty, found, 1e-9);
        double shrink = HalfSpace.Shrink(rate, found, norm);
        (double y0, double y1) = (x0 - (rate * g0) - (shrink * x0), x1 - (rate * g1) - (shrink * x1));
        Assert.Equal(after0, y0, 1e-6);
        Assert.Equal(after1, y1, 1e-6);
        double product = (y0 * x0) + (y1 * x1);
        Assert.Equal(dotAfter, product, 1e-6);
        Assert.Equal(leavesAt95, HalfSpace.Leaves(product, norm, 0.95));
        Assert.Equal(leavesAt90, HalfSpace.Leaves(product, norm, 0.9));
    }

    [Fact]
    public void Scores_are_the_worked_ones()
    {
        double[] scores = HalfSpace.Scores([-1, 0.5, 0], [5, 0.5, 1], [Math.Sqrt(1.25), 1, 1], [2, 2, 2]);
        Assert.All(new[] { -0.043501409, 0.937622233, 0.222718052 }.Zip(scores), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [Theory]
    [InlineData(400, 0.5, 0.05, 220)]
    [InlineData(10, 0.9, 0.2, 9)]
    [InlineData(7, 0.5, 0, 3)]
    public void So_many_groups_are_chosen(int total, double target, double tolerance, int count) =>
        Assert.Equal(count, HalfSpace.CountOf(total, target, tolerance));
}
