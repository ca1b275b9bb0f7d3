using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy.Tests.Procedure;

public class EnergyProcedureTests
{
    private static readonly EnergyOptions Short = EnergyOptions.OfSeconds(0.08) with { Runs = 3 };

    /// <summary>Power as the procedure itself switches it: the idle value from each run's beginning, the busy one from its first inference.</summary>
    private sealed class Load
    {
        private volatile bool busy;

        public double Watts => busy ? 3 : 1;

        public void Idle(int run) => busy = false;

        public void Infer()
        {
            busy = true;
            Thread.SpinWait(2000);
        }
    }

    [Fact]
    public void Joules_are_the_power_above_idle_over_the_time_of_an_inference()
    {
        Load load = new();
        using SimulatedMeter meter = new(() => load.Watts);
        EnergyMeasurement measurement = EnergyProcedure.Measure(meter, load.Infer, Short, load.Idle, TestContext.Current.CancellationToken);
        EnergyResult result = measurement.Result;
        Assert.True(result.Complete);
        Assert.Equal(3, result.Runs.Length);
        Assert.Equal((1.0, 3.0), (Math.Round(result.Median!.IdleWatts, 9), Math.Round(result.Median.BusyWatts, 9)));
        Assert.All(result.Runs, r => Assert.Equal(2 * r.SecondsPerInference, r.JoulesPerInference, 1e-9 * r.JoulesPerInference));
        Assert.All(result.Runs, r => Assert.Equal(3 * r.SecondsPerInference, r.GrossJoulesPerInference, 1e-9 * r.GrossJoulesPerInference));
        Assert.All(result.Runs, r => Assert.True(r.Inferences >= 10 && r.Busy.Seconds >= 0.08));
        Assert.Equal(["idle 1", "run 1", "idle 2", "run 2", "idle 3", "run 3"], measurement.Phases.Select(p => p.Name));
        Assert.Contains(result.Remarks, r => r.StartsWith("nobody vouches for this meter's scale", StringComparison.Ordinal));
    }

    [Fact]
    public void A_meter_that_stops_in_the_second_run_gives_no_number()
    {
        Load load = new();
        int run = 0;
        using SimulatedMeter meter = new(() => run < 2 || load.Watts < 2 ? load.Watts : throw new MeterException("the cable was pulled"));
        EnergyMeasurement measurement = EnergyProcedure.Measure(
            meter, load.Infer, Short,
            number =>
            {
                run = number;
                load.Idle(number);
            },
            TestContext.Current.CancellationToken);
        Assert.False(measurement.Result.Complete);
        Assert.Null(measurement.Result.Median);
        Assert.Single(measurement.Result.Runs);
        Assert.StartsWith("the meter stopped in run 2 of 3: ", measurement.Result.Stopped);
        Assert.EndsWith(": the cable was pulled", measurement.Result.Stopped);
    }

    [Fact]
    public void A_meter_that_stops_at_once_gives_no_number()
    {
        using SimulatedMeter meter = new(() => 1) { FailsAfter = 0 };
        EnergyResult result = EnergyProcedure.Measure(meter, () => { }, Short, cancellation: TestContext.Current.CancellationToken).Result;
        Assert.Equal("the meter stopped in run 1 of 3: the cable was pulled", result.Stopped);
        Assert.Null(result.Median);
        Assert.Empty(result.Runs);
    }

    [Fact]
    public void A_counter_that_only_rises_with_inferences_gives_them_their_energy()
    {
        // 2 mJ an inference and 1.5 W besides; interpolation at a window's ends is uncertain by the work of one interval.
        int inferences = 0;
        using SimulatedMeter meter = new(
            () => (1.5 * PowerSampler.Now) + (0.002 * Volatile.Read(ref inferences)), MeterQuantity.Energy);
        EnergyResult result = EnergyProcedure.Measure(
            meter,
            () =>
            {
                Thread.SpinWait(2000);
                Interlocked.Increment(ref inferences);
            },
            EnergyOptions.OfSeconds(0.5),
            cancellation: TestContext.Current.CancellationToken).Result;
        Assert.Equal(0.002, result.Median!.JoulesPerInference, 0.0001);
        Assert.Equal(1.5, result.Median.IdleWatts, 0.01);
    }

    [Fact]
    public void A_measurement_can_be_called_off()
    {
        using CancellationTokenSource source = new();
        using SimulatedMeter meter = new(() => 1);
        Assert.Throws<OperationCanceledException>(() => EnergyProcedure.Measure(meter, source.Cancel, Short, cancellation: source.Token));
    }
}
