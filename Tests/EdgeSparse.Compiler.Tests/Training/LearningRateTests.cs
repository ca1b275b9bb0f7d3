using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class LearningRateTests
{
    private static readonly OptimizerOptions Optimizer = new() { LearningRate = 0.8 };

    [Theory]
    [InlineData(0, 0.8)]
    [InlineData(10, 0.45)]
    [InlineData(15, 0.202512627)]
    [InlineData(19, 0.104309081)]
    public void Cosine_falls_from_the_rate_to_its_minimum(long step, double expected) =>
        Check(new ScheduleOptions { Kind = ScheduleKind.Cosine, MinLearningRate = 0.1 }, step, expected);

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(5, 0.45)]
    [InlineData(10, 0.8)]
    [InlineData(15, 0.45)]
    public void Triangular_rises_and_falls(long step, double expected) =>
        Check(new ScheduleOptions { Kind = ScheduleKind.Triangular, MinLearningRate = 0.1 }, step, expected);

    [Theory]
    [InlineData(9, 0.8)]
    [InlineData(10, 0.4)]
    [InlineData(19, 0.4)]
    public void Step_drops_after_whole_epochs(long step, double expected) =>
        Check(new ScheduleOptions { Kind = ScheduleKind.Step, StepEpochs = 2, Gamma = 0.5 }, step, expected);

    [Theory]
    [InlineData(4, 0.8)]
    [InlineData(5, 0.4)]
    [InlineData(14, 0.4)]
    [InlineData(15, 0.2)]
    public void Milestones_are_where_it_drops(long step, double expected) =>
        Check(new ScheduleOptions { Kind = ScheduleKind.Step, Milestones = [1, 3], Gamma = 0.5 }, step, expected);

    [Theory]
    [InlineData(0, 5, "milestones are 0, 5; allowed: whole numbers from 1, ascending")]
    [InlineData(5, 5, "milestones are 5, 5; allowed: whole numbers from 1, ascending")]
    [InlineData(2, 5, null)]
    public void Milestones_ascend(int first, int second, string? fault) =>
        Assert.Equal(fault, new ScheduleOptions { Milestones = [first, second] }.FirstFault()?.Message);

    [Theory]
    [InlineData(0, 0.08)]
    [InlineData(4, 0.4)]
    [InlineData(9, 0.8)]
    [InlineData(10, 0.8)]
    [InlineData(15, 0.4)]
    public void Warm_up_rises_linearly_before_the_schedule(long step, double expected) =>
        Check(new ScheduleOptions { Kind = ScheduleKind.Cosine, WarmupEpochs = 2 }, step, expected);

    [Fact]
    public void Constant_is_constant() => Check(new ScheduleOptions(), 13, 0.8);

    // 4 epochs of 5 steps.
    private static void Check(ScheduleOptions schedule, long step, double expected) =>
        Assert.Equal(expected, LearningRate.At(Optimizer, schedule, step, 20, 5), 1e-9);
}
