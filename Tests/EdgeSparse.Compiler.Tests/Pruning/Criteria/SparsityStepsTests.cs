using System.Collections.Immutable;
using EdgeSparse.Compiler.Pruning.Criteria;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning.Criteria;

public sealed class SparsityStepsTests
{
    // The published runs of ResNet-50 (90 %) and MobileNetV1 (89 %); the first stops at 89.9083 %, where this goes to its target.
    [Theory]
    [InlineData(0.05, 0.9, 1, 5, 40, new[] { .05, .336801025, .550522598, .701911698, .801715302, .860680389, .889553937, .9 })]
    [InlineData(0.05, 0.89, 4, 4, 24, new[] { .05, .459920, .708560, .836240, .883280, .89 })]
    [InlineData(0, 0.9, 0, 1, 10, new[] { 0, .2439, .4392, .5913, .7056, .7875, .8424, .8757, .8928, .8991, .9 })]
    public void Levels_rise_by_the_cubic_and_end_at_the_target(double initial, double target, int start, int frequency, int end, double[] levels)
    {
        ImmutableArray<PruningEvent> events = SparsitySteps.Of(Gradual(initial, start, frequency, end, 100));
        Assert.Equal(levels, events.Where(e => e.Level is not null).Select(e => e.Level!(target)), (a, b) => Math.Abs(a - b) < 5e-7);
        Assert.Equal(100, events.Sum(e => e.Epochs));
    }

    [Fact]
    public void Training_lies_between_the_prunings_and_goes_on_to_its_last_epoch() => Assert.Equal(
        [(false, 0, 2), (true, 0, 0), (false, 2, 3), (true, 0, 0), (false, 5, 3), (true, 0, 0), (false, 8, 2)],
        SparsitySteps.Of(Gradual(0.1, 2, 3, 9, 10)).Select(e => (e.Level is not null, e.FirstEpoch, e.Epochs)));

    [Fact]
    public void One_shot_comes_before_the_training() => Assert.Equal(
        [(true, 0), (false, 4)],
        SparsitySteps.Of(new MagnitudeOptions { Sparsity = 0.5, Training = new TrainingOptions { Epochs = 4 } }).Select(e => (e.Level is not null, e.Epochs)));

    [Fact]
    public void Sub_steps_are_even_polynomial_or_geometric()
    {
        MagnitudeOptions four = new() { Sparsity = 0.8, Steps = 4 };
        Levels([.2, .4, .6, .8], four);
        Levels([.35, .6, .75, .8], four with { StepPower = 2 });

        // 0.2^(1/4) of what is left goes on each time.
        Levels([.331259695, .552786405, .700930243, .8], four with { StepShape = StepShape.Geometric });
    }

    [Fact]
    public void Sub_steps_of_a_gradual_run_divide_each_of_its_steps()
    {
        GradualOptions gradual = new() { InitialSparsity = 0.2, StartEpoch = 0, Frequency = 1, EndEpoch = 1 };
        Levels([.1, .2, .5, .8], new MagnitudeOptions { Sparsity = 0.8, Steps = 2, Gradual = gradual, Training = new TrainingOptions { Epochs = 1 } });
    }

    [Fact]
    public void A_target_below_the_first_level_is_never_passed() =>
        Levels([.1, .1, .1], Gradual(0.3, 0, 1, 2, 2), target: 0.1);

    private static MagnitudeOptions Gradual(double initial, int start, int frequency, int end, int epochs) => new()
    {
        Sparsity = 0.9,
        Gradual = new GradualOptions { InitialSparsity = initial, StartEpoch = start, Frequency = frequency, EndEpoch = end },
        Training = new TrainingOptions { Epochs = epochs },
    };

    private static void Levels(double[] expected, CriterionOptions options, double target = 0.8)
    {
        double[] levels = [.. SparsitySteps.Of(options).Where(e => e.Level is not null).Select(e => e.Level!(target))];
        Assert.Equal(expected.Length, levels.Length);
        Assert.All(expected.Zip(levels), p => Assert.Equal(p.First, p.Second, 1e-9));
    }
}
