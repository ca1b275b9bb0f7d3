using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy.Tests.Meters;

public sealed class ReplayMeterTests : IDisposable
{
    private readonly SystemTree tree = new();

    [Fact]
    public void Power_runs_straight_between_readings_and_the_recording_ends()
    {
        tree.With("", ("trace.csv", "# made by hand\nwatts,seconds\n1,100\n3,100.5\n2,101"));
        using ReplayMeter meter = ReplayMeter.Open(tree["trace.csv"]);
        Assert.Equal([1, 2, 3, 2.5, 2], new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(meter.At));
        Assert.Equal($"the recording {tree["trace.csv"]} ends after 1 s", Assert.Throws<MeterException>(() => meter.At(1.01)).Message);
        Assert.InRange(meter.Read().Value, 1, 3);
    }

    public void Dispose() => tree.Dispose();
}
