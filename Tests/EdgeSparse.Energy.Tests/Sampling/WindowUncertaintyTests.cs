using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy.Tests.Sampling;

/// <summary>Predicted uncertainties against the scatter of many seeded trials.</summary>
public class WindowUncertaintyTests
{
    private const int Trials = 400;

    [Fact]
    public void Noise_is_predicted_from_one_trace()
    {
        Random random = new(11);
        (double error, double predicted) = Scatter(() => Trace(Times(), (t, _) => 2 + (0.4 * t) + (0.2 * Gauss(random))), e => e.NoiseJoules, 20 + (0.2 * 100));
        Assert.InRange(error / predicted, 0.9, 1.1);
    }

    [Fact]
    public void Jitter_is_predicted_from_one_trace()
    {
        // A triangle wave of 2 W/s and readings of 6 ms that were true somewhere in their time.
        Random random = new(12);
        static double Watts(double t) => Math.Abs((t % 2) - 1) * 2;
        (double error, double predicted) = Scatter(
            () => Trace(Times(), (t, read) => Watts(t + ((random.NextDouble() - 0.5) * read)), readSeconds: 0.006), e => e.JitterJoules, 10);
        Assert.InRange(error / predicted, 0.9, 1.1);
    }

    [Fact]
    public void Repeated_readings_are_not_taken_for_new_ones()
    {
        // The meter has a new value every tenth reading: the same scatter as with a tenth of the readings.
        Random random = new(13);
        (double error, double predicted) = Scatter(
            () =>
            {
                double value = 0;
                int reading = 0;
                return Trace(Times(), (_, _) => value = reading++ % 10 == 0 ? 2 + (0.2 * Gauss(random)) : value);
            },
            e => e.NoiseJoules,
            20);
        Assert.InRange(error / predicted, 0.85, 1.15);
    }

    [Fact]
    public void A_step_of_the_meter_does_not_average_out()
    {
        MeterInfo coarse = new("coarse", "", MeterQuantity.Power) { Resolution = 0.1 };
        PowerTrace trace = PowerTrace.Of(coarse, Enumerable.Range(0, 1001).Select(i => new RecordedPower(i * 0.01, 2.0)));
        WindowEnergy energy = trace.Integrate(0, 10);
        Assert.Equal(10 * 0.1 / Math.Sqrt(12), energy.ResolutionJoules, 1e-9);
        Assert.Equal(0, energy.Updates);
        Assert.Equal(energy.ResolutionJoules, energy.StandardUncertaintyJoules, 1e-12);
    }

    [Fact]
    public void Without_a_data_sheet_the_smallest_step_seen_is_the_resolution()
    {
        PowerTrace trace = PowerTrace.Of(
            new MeterInfo("unknown", "", MeterQuantity.Power), Enumerable.Range(0, 1001).Select(i => new RecordedPower(i * 0.01, 2 + (0.025 * (i % 3)))));
        Assert.Equal(10 * 0.025 / Math.Sqrt(12), trace.Integrate(0, 10).ResolutionJoules, 1e-6);
    }

    [Fact]
    public void The_largest_gap_is_found()
    {
        double[] times = [0, 0.1, 0.2, 0.9, 1, 1.1];
        PowerTrace trace = PowerTrace.Of(new MeterInfo("gap", "", MeterQuantity.Power), times.Select(t => new RecordedPower(t, 1)));
        Assert.Equal(0.7, trace.Integrate(0, 1.1).LargestGapSeconds, 1e-12);
    }

    private static double[] Times() => [.. Enumerable.Range(0, 1001).Select(i => i * 0.01)];

    private static PowerTrace Trace(double[] times, Func<double, double, double> watts, double readSeconds = 0)
    {
        TraceBuilder builder = new(MeterQuantity.Power);
        foreach (double time in times)
        {
            builder.Add(time, readSeconds, new MeterReading(watts(time, readSeconds)));
        }

        return new PowerTrace(new MeterInfo("noisy", "", MeterQuantity.Power) { Resolution = 0 }, builder.ToPoints(), null);
    }

    /// <summary>The root of the mean square error of integrals over 10 s, and the mean of what was predicted for it.</summary>
    private static (double Error, double Predicted) Scatter(Func<PowerTrace> trace, Func<WindowEnergy, double> part, double truth)
    {
        double squares = 0;
        double predicted = 0;
        for (int i = 0; i < Trials; i++)
        {
            WindowEnergy energy = trace().Integrate(0, 10);
            squares += (energy.Joules - truth) * (energy.Joules - truth);
            predicted += part(energy);
        }

        return (Math.Sqrt(squares / Trials), predicted / Trials);
    }

    private static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
