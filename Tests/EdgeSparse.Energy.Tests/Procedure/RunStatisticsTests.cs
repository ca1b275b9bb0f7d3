using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy.Tests.Procedure;

public class RunStatisticsTests
{
    private static readonly MeterInfo Meter = new("m", "", MeterQuantity.Power) { ScaleUncertainty = 0.01 };

    /// <summary>100 inferences in 10 s, idling at 1 W for 2 s.</summary>
    private static EnergyRun Run(double busyWatts, double noise = 0, double resolution = 0) => new(
        100, new WindowEnergy(2, 2, 200, 200, 0.01, noise / 5, 0, resolution / 5), new WindowEnergy(busyWatts * 10, 10, 1000, 1000, 0.01, noise, 0, resolution));

    [Fact]
    public void The_median_of_five_runs_counts()
    {
        EnergyMedian median = RunStatistics.Median(Meter, [Run(3), Run(3.1), Run(9), Run(2.9), Run(3.05)]);
        Assert.Equal(0.205, median.JoulesPerInference, 1e-12); // (3.05 − 1) W · 10 s / 100
        Assert.Equal(0.305, median.GrossJoulesPerInference, 1e-12);
        Assert.Equal((1, 3.05, 0.1), (median.IdleWatts, Math.Round(median.BusyWatts, 12), median.SecondsPerInference));
    }

    [Fact]
    public void The_median_of_two_is_between_them() =>
        Assert.Equal(0.25, RunStatistics.Median(Meter, [Run(3), Run(4)]).JoulesPerInference, 1e-12);

    [Fact]
    public void The_parts_of_the_uncertainty_add_in_squares()
    {
        EnergyUncertainty u = RunStatistics.Median(Meter, [Run(3, noise: 0.3, resolution: 0.05)]).Uncertainty;
        // Idle noise of 0.06 J in 2 s is 0.3 J in 10 s.
        Assert.Equal(0.003 * Math.Sqrt(2), u.Noise, 1e-12);
        Assert.Equal(0.0005 * Math.Sqrt(2), u.Resolution, 1e-12);
        Assert.Equal(0.002, u.Scale!.Value, 1e-12);
        Assert.Null(u.Spread);
        Assert.Equal(Math.Sqrt((0.003 * 0.003 * 2) + (0.0005 * 0.0005 * 2) + (0.002 * 0.002)), u.Standard, 1e-12);
    }

    [Fact]
    public void Runs_that_spread_more_than_their_noise_are_believed()
    {
        EnergyUncertainty u = RunStatistics.Median(Meter, [Run(3, 0.001), Run(3.2, 0.001), Run(3.4, 0.001), Run(3.6, 0.001), Run(3.8, 0.001)]).Uncertainty;
        Assert.Equal(0.02 * Math.Sqrt(2.5), u.Spread!.Value, 1e-12);
        Assert.Equal(u.Spread.Value * Math.Sqrt(Math.PI / 2 / 5), u.Random, 1e-12);
    }

    [Fact]
    public void Remarks_tell_what_a_reader_should_know()
    {
        EnergyRun[] runs = [Run(1.001, noise: 0.5)];
        Assert.Equal(
            ["the difference between busy and idle is within the uncertainty: this measurement cannot tell it from zero"],
            RunStatistics.Remarks(Meter, runs, RunStatistics.Median(Meter, runs), 0.01));
        EnergyRun[] gap = [Run(3) with { Busy = new WindowEnergy(30, 10, 5, 4, 2.5, 0, 0, 0) }];
        Assert.Equal(
            [
                "the meter's reading changed only 4 times in a window: it is too slow or too coarse for windows of this length",
                "up to 2.5 s passed without a reading, where 0.01 s were meant to",
            ],
            RunStatistics.Remarks(Meter, gap, RunStatistics.Median(Meter, gap), 0.01));
        Assert.Empty(RunStatistics.Remarks(Meter, [Run(3)], RunStatistics.Median(Meter, [Run(3)]), 0.01));
    }
}
