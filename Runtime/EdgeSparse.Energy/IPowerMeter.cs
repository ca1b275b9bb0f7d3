namespace EdgeSparse.Energy;

/// <summary>
/// Something that tells how much power a device draws. One thread at a time may use it. What it cannot tell is a
/// <see cref="MeterException"/>, never a zero.
/// </summary>
public interface IPowerMeter : IDisposable
{
    /// <summary>What is known of the meter from its data sheet or its driver.</summary>
    MeterInfo Info { get; }

    /// <summary>Takes one reading.</summary>
    /// <exception cref="MeterException">The meter does not answer, or answers what cannot be true.</exception>
    MeterReading Read();
}

/// <summary>What a meter's readings are.</summary>
public enum MeterQuantity
{
    /// <summary>Watts at the time of the reading, or their mean over <see cref="MeterInfo.AveragingSeconds"/> before it.</summary>
    Power,

    /// <summary>Joules since the meter was opened; never falls.</summary>
    Energy,
}

/// <summary>One reading of a meter.</summary>
/// <param name="Value">Watts or joules, as <see cref="MeterInfo.Quantity"/> says.</param>
/// <param name="Volts">The voltage, where the meter tells it.</param>
/// <param name="Amperes">The current, where the meter tells it; positive when the device draws it.</param>
public readonly record struct MeterReading(double Value, double? Volts = null, double? Amperes = null);

/// <summary>What is known of a meter.</summary>
/// <param name="Name">The text that opens it, such as <c>rapl:package-0</c>.</param>
/// <param name="Description">For people: the chip, where it is, and its ranges.</param>
/// <param name="Quantity">What its readings are.</param>
public sealed record MeterInfo(string Name, string Description, MeterQuantity Quantity)
{
    /// <summary>The smallest step of a reading, in watts or joules; null where it is not known.</summary>
    public double? Resolution { get; init; }

    /// <summary>
    /// Standard uncertainty of the scale (shunt and gain) as a fraction of a reading; null where nobody vouches for one. It does
    /// not shrink with more readings.
    /// </summary>
    public double? ScaleUncertainty { get; init; }

    /// <summary>A reading is the mean over this many seconds before it; 0 where it is taken at once or nobody says.</summary>
    public double AveragingSeconds { get; init; }

    /// <summary>Seconds between readings that suit the meter: more often, it would repeat itself.</summary>
    public double IntervalSeconds { get; init; } = 0.01;
}
