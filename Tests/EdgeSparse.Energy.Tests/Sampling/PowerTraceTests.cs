using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy.Tests.Sampling;

/// <summary>Integrals of waveforms whose energy is known; readings come every 10 ms and up to 4 ms early or late.</summary>
public class PowerTraceTests
{
    private static readonly MeterInfo Meter = new("waveform", "", MeterQuantity.Power);

    private static PowerTrace Sampled(Func<double, double> watts, double seconds, int seed = 1)
    {
        Random random = new(seed);
        return PowerTrace.Of(Meter, Enumerable.Range(0, (int)(seconds * 100) + 3).Select(i =>
        {
            double time = (i * 0.01) - 0.01 + ((random.NextDouble() - 0.5) * 0.008);
            return new RecordedPower(time, watts(time));
        }));
    }

    private static void WithinOnePercent(double expected, WindowEnergy energy) =>
        Assert.InRange(energy.Joules, expected * 0.99, expected * 1.01);

    [Fact]
    public void Constant()
    {
        WindowEnergy energy = Sampled(_ => 2.5, 10).Integrate(0, 10);
        Assert.Equal(25, energy.Joules, 1e-9);
        Assert.Equal(0, energy.NoiseJoules);
        Assert.InRange(energy.Readings, 999, 1002);
    }

    [Fact]
    public void Ramp_with_jitter()
    {
        Assert.Equal(1.0 * 10 + (0.3 * 50), Sampled(t => 1 + (0.3 * t), 10).Integrate(0, 10).Joules, 1e-9);
        // Ends that fall between readings: from 2.5055 to 7.7777 s.
        Assert.Equal(
            (7.7777 - 2.5055) + (0.15 * ((7.7777 * 7.7777) - (2.5055 * 2.5055))), Sampled(t => 1 + (0.3 * t), 10).Integrate(2.5055, 7.7777).Joules, 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sine(int seed) =>
        // Whole periods of 0.7 Hz in 10 s: the mean is 3 W.
        WithinOnePercent(30, Sampled(t => 3 + (2 * Math.Sin(2 * Math.PI * 0.7 * t)), 10, seed).Integrate(0, 10));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Square(int seed)
    {
        // 1 W and 4 W in turns of 0.37 s, of which 20 s hold 54.05: 10 s less a bit at 4 W.
        static double Watts(double t) => (int)Math.Floor(t / 0.37) % 2 == 0 ? 1 : 4;
        double high = Enumerable.Range(0, 27).Sum(i => Math.Min(((2 * i) + 2) * 0.37, 20) - (((2 * i) + 1) * 0.37));
        WithinOnePercent((4 * high) + (1 * (20 - high)), Sampled(Watts, 20, seed).Integrate(0, 20));
    }

    [Fact]
    public void An_impulse_that_is_seen_in_full_counts_in_full() =>
        // A triangle of 5 W and 0.2 s on 1 W: 0.5 J more.
        WithinOnePercent(10.5, Sampled(t => 1 + Math.Max(0, 5 * (1 - (Math.Abs(t - 5) / 0.1))), 10).Integrate(0, 10));

    [Fact]
    public void A_counter_is_taken_straight_between_its_readings()
    {
        PowerTrace trace = Counter(Enumerable.Range(0, 101).Select(i => (i * 0.1, 7 + (i * 0.25))));
        WindowEnergy energy = trace.Integrate(1.05, 9.05);
        Assert.Equal(20, energy.Joules, 1e-9);
        Assert.Equal(2.5, energy.MeanWatts, 1e-9);
        Assert.Equal(2.5, trace.Points[0].Watts, 1e-9);
    }

    [Fact]
    public void A_counter_in_coarse_steps_is_uncertain_by_a_step_at_each_end()
    {
        // 2.5 W, but told only every second.
        PowerTrace trace = Counter(Enumerable.Range(0, 101).Select(i => (i * 0.1, Math.Floor(i * 0.1 + 1e-9) * 2.5)));
        WindowEnergy energy = trace.Integrate(1.05, 8.55);
        Assert.Equal(8, energy.Updates, 1.0);
        Assert.Equal(Math.Sqrt(2.0 / 12) * 2.5, energy.ResolutionJoules, 1e-9);
        Assert.InRange(Math.Abs(energy.Joules - 18.75), 0, 2 * energy.ResolutionJoules);
    }

    [Fact]
    public void A_window_beyond_the_readings_is_refused()
    {
        PowerTrace trace = PowerTrace.Of(Meter, [new(1, 1), new(2, 1)]);
        Assert.Equal(
            "the meter waveform gave its first reading 0.5 s after the beginning", Assert.Throws<MeterException>(() => trace.Integrate(0.5, 1.5)).Message);
        Assert.Equal(
            "the meter waveform gave its last reading 0.25 s before the end", Assert.Throws<MeterException>(() => trace.Integrate(1.5, 2.25)).Message);
        Assert.Equal(1, trace.Integrate(1, 2).Joules);
        Assert.Equal(
            "waveform: a trace needs two readings; there is one", Assert.Throws<MeterException>(() => PowerTrace.Of(Meter, [new(1, 1)])).Message);
        Assert.Equal(
            "the time of reading 2, 1 s, does not follow 1 s", Assert.Throws<MeterException>(() => PowerTrace.Of(Meter, [new(1, 1), new(1, 2)])).Message);
        Assert.Equal("reading 1 is no number", Assert.Throws<MeterException>(() => PowerTrace.Of(Meter, [new(1, double.NaN), new(2, 2)])).Message);
    }

    private static PowerTrace Counter(IEnumerable<(double Seconds, double Joules)> readings)
    {
        MeterInfo meter = new("counter", "", MeterQuantity.Energy);
        TraceBuilder builder = new(MeterQuantity.Energy);
        foreach ((double seconds, double joules) in readings)
        {
            builder.Add(seconds, 0, new MeterReading(joules));
        }

        return new PowerTrace(meter, builder.ToPoints(), null);
    }
}
