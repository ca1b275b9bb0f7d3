namespace EdgeSparse.Energy.Sampling;

/// <summary>One reading in a trace.</summary>
/// <param name="Seconds">The middle of the time that the reading took, on a clock that never goes back.</param>
/// <param name="ReadSeconds">How long the reading took: somewhere in between it was true.</param>
/// <param name="Watts">The power; of an energy counter, its mean since the point before.</param>
/// <param name="Joules">Energy since the first point: the integral of power, or the counter.</param>
/// <param name="Volts">Where the meter tells it.</param>
/// <param name="Amperes">Where the meter tells it.</param>
public readonly record struct TracePoint(double Seconds, double ReadSeconds, double Watts, double Joules, double? Volts = null, double? Amperes = null);

/// <summary>A named part of a measurement.</summary>
/// <param name="Name">Such as <c>idle 1</c> or <c>run 1</c>.</param>
/// <param name="From">Seconds, as in <see cref="TracePoint"/>.</param>
/// <param name="To">Seconds.</param>
public sealed record TracePhase(string Name, double From, double To);

/// <summary>One line of a recording.</summary>
/// <param name="Seconds">Time, from any zero.</param>
/// <param name="Watts">Power at that time.</param>
public readonly record struct RecordedPower(double Seconds, double Watts);
