namespace EdgeSparse.Energy.Sampling;

/// <summary>Makes points of readings: energy of power by the trapezoid rule, power of energy by differences.</summary>
internal sealed class TraceBuilder(MeterQuantity quantity)
{
    private readonly List<TracePoint> points = [];
    private double firstValue;

    /// <exception cref="MeterException">The time does not follow the last one, or the value is no number.</exception>
    public void Add(double seconds, double readSeconds, MeterReading reading)
    {
        if (!double.IsFinite(reading.Value) || !double.IsFinite(seconds))
        {
            throw new MeterException($"reading {points.Count + 1} is no number");
        }

        if (points.Count == 0)
        {
            firstValue = reading.Value;
            points.Add(new TracePoint(seconds, readSeconds, quantity == MeterQuantity.Power ? reading.Value : double.NaN, 0, reading.Volts, reading.Amperes));
            return;
        }

        TracePoint before = points[^1];
        double length = seconds - before.Seconds;
        if (length <= 0)
        {
            throw new MeterException($"the time of reading {points.Count + 1}, {seconds:0.######} s, does not follow {before.Seconds:0.######} s");
        }

        if (quantity == MeterQuantity.Power)
        {
            double joules = before.Joules + ((before.Watts + reading.Value) / 2 * length);
            points.Add(new TracePoint(seconds, readSeconds, reading.Value, joules, reading.Volts, reading.Amperes));
            return;
        }

        double counted = reading.Value - firstValue;
        double watts = (counted - before.Joules) / length;
        if (points.Count == 1)
        {
            points[0] = before with { Watts = watts };
        }

        points.Add(new TracePoint(seconds, readSeconds, watts, counted, reading.Volts, reading.Amperes));
    }

    public TracePoint[] ToPoints() => [.. points];
}
