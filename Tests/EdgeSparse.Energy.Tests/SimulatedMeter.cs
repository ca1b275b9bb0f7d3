namespace EdgeSparse.Energy.Tests;

/// <summary>A meter whose readings a test makes up.</summary>
internal sealed class SimulatedMeter(Func<double> read, MeterQuantity quantity = MeterQuantity.Power) : IPowerMeter
{
    private int readings;

    public MeterInfo Info { get; init; } = new("simulated", "", quantity) { IntervalSeconds = 0.002 };

    /// <summary>Every further reading fails, as of a meter that was unplugged.</summary>
    public int FailsAfter { get; init; } = int.MaxValue;

    public int Readings => Volatile.Read(ref readings);

    public MeterReading Read() => Interlocked.Increment(ref readings) <= FailsAfter
        ? new MeterReading(read())
        : throw new MeterException("the cable was pulled");

    public void Dispose()
    {
    }
}
