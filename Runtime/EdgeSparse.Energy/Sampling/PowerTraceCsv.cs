using System.Globalization;

namespace EdgeSparse.Energy.Sampling;

/// <summary>
/// Traces as CSV: a line of headings, then a line a reading. Written columns are <c>seconds,watts,joules,volts,amperes,phase</c>; to be
/// read, a file needs <c>seconds</c> and <c>watts</c>, in any place, and lines that begin with # are skipped.
/// </summary>
public static class PowerTraceCsv
{
    private const int MostReadings = 50_000_000;

    /// <summary>Writes a trace; seconds count from its first reading.</summary>
    /// <param name="writer">Takes the lines.</param>
    /// <param name="trace">What to write.</param>
    /// <param name="phases">What each reading was part of.</param>
    public static void Write(TextWriter writer, PowerTrace trace, IReadOnlyList<TracePhase> phases)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(phases);
        writer.Write("seconds,watts,joules,volts,amperes,phase\n");
        foreach (TracePoint point in trace.Points)
        {
            string phase = "";
            foreach (TracePhase candidate in phases)
            {
                if (point.Seconds >= candidate.From && point.Seconds <= candidate.To)
                {
                    phase = candidate.Name;
                }
            }

            writer.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{point.Seconds - trace.Points[0].Seconds:0.000000},{point.Watts:G9},{point.Joules:G9},{point.Volts:G9},{point.Amperes:G9},{phase}\n"));
        }
    }

    /// <summary>Reads a recording.</summary>
    /// <returns>At least two readings, their times ascending.</returns>
    /// <exception cref="MeterException">The file is absent or no such recording; the message says in which line.</exception>
    public static IReadOnlyList<RecordedPower> Read(string file)
    {
        List<RecordedPower> readings = [];
        try
        {
            using StreamReader reader = new(file);
            int line = 0;
            (int Seconds, int Watts)? columns = null;
            while (reader.ReadLine() is { } text)
            {
                line++;
                if (text.Length == 0 || text[0] == '#')
                {
                    continue;
                }

                string[] cells = text.Split(',');
                if (columns is null)
                {
                    columns = ColumnsOf(cells, $"{file}:{line}");
                    continue;
                }

                RecordedPower reading = new(Cell(cells, columns.Value.Seconds, "seconds", file, line), Cell(cells, columns.Value.Watts, "watts", file, line));
                if (readings.Count > 0 && reading.Seconds <= readings[^1].Seconds)
                {
                    throw new MeterException($"{file}:{line}: the time {cells[columns.Value.Seconds]} does not follow the one before");
                }

                readings.Add(reading);
                if (readings.Count > MostReadings)
                {
                    throw new MeterException($"{file}: more than {MostReadings} readings");
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MeterException($"cannot read the recording '{file}': {error.Message}", error);
        }

        return readings.Count >= 2 ? readings : throw new MeterException($"{file}: a recording needs two readings or more");
    }

    private static (int Seconds, int Watts) ColumnsOf(string[] headings, string where)
    {
        int seconds = Array.FindIndex(headings, h => h.Trim() == "seconds");
        int watts = Array.FindIndex(headings, h => h.Trim() == "watts");
        return seconds >= 0 && watts >= 0
            ? (seconds, watts)
            : throw new MeterException($"{where}: the first line must name the columns, 'seconds' and 'watts' among them, as in: seconds,watts");
    }

    private static double Cell(string[] cells, int column, string name, string file, int line)
    {
        string text = column < cells.Length ? cells[column].Trim() : "";
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new MeterException($"{file}:{line}: {name} is '{text}', not a number");
    }
}
