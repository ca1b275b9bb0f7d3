using System.Globalization;

namespace EdgeSparse.Energy.Sampling;

/// <summary>What a meter read over time; immutable.</summary>
public sealed class PowerTrace
{
    private readonly TracePoint[] points;

    internal PowerTrace(MeterInfo meter, TracePoint[] points, string? stopped)
    {
        Meter = meter;
        this.points = points;
        Stopped = stopped;
    }

    /// <summary>Whose readings these are.</summary>
    public MeterInfo Meter { get; }

    /// <summary>In the order of time.</summary>
    public IReadOnlyList<TracePoint> Points => points;

    /// <summary>Why the meter gave no further readings; null where it was asked for none.</summary>
    public string? Stopped { get; }

    /// <summary>A trace of readings that were taken elsewhere.</summary>
    /// <param name="meter">Whose they are.</param>
    /// <param name="recording">At least two, their times ascending.</param>
    /// <exception cref="MeterException">There are fewer than two, or a time does not follow the one before.</exception>
    public static PowerTrace Of(MeterInfo meter, IEnumerable<RecordedPower> recording)
    {
        ArgumentNullException.ThrowIfNull(meter);
        ArgumentNullException.ThrowIfNull(recording);
        TraceBuilder builder = new(MeterQuantity.Power);
        foreach (RecordedPower reading in recording)
        {
            builder.Add(reading.Seconds, 0, new MeterReading(reading.Watts));
        }

        PowerTrace trace = new(meter, builder.ToPoints(), null);
        return trace.points.Length >= 2 ? trace : throw new MeterException($"{meter.Name}: a trace needs two readings; there {(trace.points.Length == 1 ? "is one" : "is none")}");
    }

    /// <summary>
    /// The energy between two times. Power is taken to run straight from one reading to the next (the trapezoid rule), a counter to
    /// rise straight; nothing is assumed beyond the readings.
    /// </summary>
    /// <param name="from">Seconds, not before the first reading.</param>
    /// <param name="to">Seconds, after <paramref name="from"/> and not after the last reading.</param>
    /// <exception cref="MeterException">The meter was not reading yet, or had stopped.</exception>
    public WindowEnergy Integrate(double from, double to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        if (points.Length < 2)
        {
            throw new MeterException($"the meter {Meter.Name} gave {(points.Length == 0 ? "no reading" : "one reading only")}{Because}");
        }

        if (from < points[0].Seconds)
        {
            throw new MeterException(string.Create(
                CultureInfo.InvariantCulture, $"the meter {Meter.Name} gave its first reading {points[0].Seconds - from:0.###} s after the beginning"));
        }

        if (to > points[^1].Seconds)
        {
            throw new MeterException(string.Create(
                CultureInfo.InvariantCulture, $"the meter {Meter.Name} gave its last reading {to - points[^1].Seconds:0.###} s before the end{Because}"));
        }

        int first = IntervalOf(from);
        int last = IntervalOf(to);
        return WindowUncertainty.Of(Meter, points.AsSpan(first, last - first + 2), from, to, JoulesAt(last, to) - JoulesAt(first, from));
    }

    private string Because => Stopped is null ? "" : $": {Stopped}";

    /// <summary>The last point at or before a time that has a point after it.</summary>
    private int IntervalOf(double seconds)
    {
        int below = 0;
        int above = points.Length - 1;
        while (above - below > 1)
        {
            int middle = (above + below) / 2;
            (below, above) = points[middle].Seconds <= seconds ? (middle, above) : (below, middle);
        }

        return below;
    }

    private double JoulesAt(int interval, double seconds)
    {
        TracePoint start = points[interval];
        TracePoint end = points[interval + 1];
        double length = end.Seconds - start.Seconds;
        double passed = seconds - start.Seconds;
        return Meter.Quantity == MeterQuantity.Energy
            ? start.Joules + ((end.Joules - start.Joules) * passed / length)
            : start.Joules + (start.Watts * passed) + ((end.Watts - start.Watts) * passed * passed / (2 * length));
    }
}
