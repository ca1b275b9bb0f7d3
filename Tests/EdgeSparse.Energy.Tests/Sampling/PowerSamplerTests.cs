using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy.Tests.Sampling;

public class PowerSamplerTests
{
    [Fact]
    public void Readings_come_in_the_order_of_time_until_the_sampler_is_stopped()
    {
        using SimulatedMeter meter = new(() => 1.5);
        using PowerSampler sampler = new(meter);
        SpinWait.SpinUntil(() => meter.Readings >= 20);
        PowerTrace trace = sampler.Stop();
        Assert.True(trace.Points.Count >= 19);
        Assert.All(trace.Points.Zip(trace.Points.Skip(1)), pair => Assert.True(pair.Second.Seconds > pair.First.Seconds));
        Assert.Null(trace.Stopped);
        int readings = meter.Readings;
        Assert.Equal(readings, sampler.Stop().Points.Count);
    }

    [Fact]
    public void A_meter_that_fails_ends_the_trace_with_its_reason()
    {
        using SimulatedMeter meter = new(() => 1.5) { FailsAfter = 5 };
        using PowerSampler sampler = new(meter);
        SpinWait.SpinUntil(() => sampler.HasStopped);
        PowerTrace trace = sampler.Stop();
        Assert.Equal((5, "the cable was pulled"), (trace.Points.Count, trace.Stopped));
        Assert.EndsWith(
            "s before the end: the cable was pulled",
            Assert.Throws<MeterException>(() => trace.Integrate(trace.Points[0].Seconds, trace.Points[^1].Seconds + 1)).Message);
    }

    [Fact]
    public void A_meter_that_never_answers_is_not_waited_for()
    {
        using ManualResetEventSlim never = new();
        using SimulatedMeter meter = new(() =>
        {
            never.Wait(TestContext.Current.CancellationToken);
            return 1;
        });
        using PowerSampler sampler = new(meter);
        SpinWait.SpinUntil(() => sampler.HasStopped);
        PowerTrace trace = sampler.Stop();
        Assert.Empty(trace.Points);
        Assert.StartsWith("a reading has not come back for ", trace.Stopped);
        never.Set();
    }
}
