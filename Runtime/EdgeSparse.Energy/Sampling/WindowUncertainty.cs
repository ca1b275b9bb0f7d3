namespace EdgeSparse.Energy.Sampling;

/// <summary>
/// The uncertainty of an integral over readings. Each part is worked out from the readings themselves:
/// noise from differences of neighbours, σ² = Σ(Pᵢ₊₁ − Pᵢ)² / 2(m − 1), which a slow drift does not enter (von Neumann, 1941), and
/// T·σ/√m for the integral over T of m independent readings; jitter from ∂E/∂tᵢ = (Pᵢ₋₁ − Pᵢ₊₁)/2 of the trapezoid rule, with each
/// time evenly spread over its reading's duration; resolution as an even spread over one step, the same for all readings.
/// </summary>
internal static class WindowUncertainty
{
    private static readonly double EvenSpread = 1 / Math.Sqrt(12);

    /// <param name="meter">Whose readings they are.</param>
    /// <param name="points">Those within the window, and one before and one after.</param>
    /// <param name="from">Begin of the window.</param>
    /// <param name="to">End of the window.</param>
    /// <param name="joules">The integral.</param>
    public static WindowEnergy Of(MeterInfo meter, ReadOnlySpan<TracePoint> points, double from, double to, double joules)
    {
        bool counts = meter.Quantity == MeterQuantity.Energy;
        double seconds = to - from;
        double gap = 0;
        double jitter = 0;
        double differences = 0;
        double smallestStep = double.PositiveInfinity;
        double largestStep = 0;
        int readings = 0;
        int updates = 0;
        int repeats = 0;
        double lastChange = counts ? double.NaN : points[0].Watts;
        for (int i = 0; i < points.Length; i++)
        {
            readings += points[i].Seconds >= from && points[i].Seconds <= to ? 1 : 0;
            if (i == 0)
            {
                continue;
            }

            gap = Math.Max(gap, Math.Min(points[i].Seconds, to) - Math.Max(points[i - 1].Seconds, from));
            double step = counts ? points[i].Joules - points[i - 1].Joules : points[i].Watts - lastChange;
            if (step == 0)
            {
                repeats++;
            }
            else
            {
                updates++;
                differences += step * step;
                smallestStep = Math.Min(smallestStep, Math.Abs(step));
                largestStep = Math.Max(largestStep, Math.Abs(step));
                lastChange = points[i].Watts;
            }

            if (!counts && i < points.Length - 1)
            {
                double change = (points[i + 1].Watts - points[i - 1].Watts) / 2 * points[i].ReadSeconds * EvenSpread;
                jitter += change * change;
            }
        }

        return counts
            ? OfCounter(meter, points, joules, seconds, readings, updates, gap, repeats > 0 ? largestStep : smallestStep)
            : new WindowEnergy(
                joules, seconds, readings, updates, gap,
                updates == 0 ? 0 : seconds * Math.Sqrt(differences / (2 * updates)) / Math.Sqrt(updates),
                Math.Sqrt(jitter), seconds * EvenSpread * (meter.Resolution ?? (updates == 0 ? 0 : smallestStep)));
    }

    /// <summary>A counter sums by itself: only its two ends are uncertain, by a step and by the time of their readings.</summary>
    private static WindowEnergy OfCounter(
        MeterInfo meter, ReadOnlySpan<TracePoint> points, double joules, double seconds, int readings, int updates, double gap, double step)
    {
        double power = joules / seconds;
        double ends = Math.Sqrt((points[0].ReadSeconds * points[0].ReadSeconds) + (points[^1].ReadSeconds * points[^1].ReadSeconds));

        // A counter that repeats itself moves in steps of an update's worth, however fine its unit.
        double unit = Math.Max(meter.Resolution ?? 0, updates == 0 ? 0 : step);
        return new WindowEnergy(joules, seconds, readings, updates, gap, 0, power * ends * EvenSpread, Math.Sqrt(2) * unit * EvenSpread);
    }
}
