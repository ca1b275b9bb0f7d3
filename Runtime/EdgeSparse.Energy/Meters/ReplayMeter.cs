using System.Diagnostics;
using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy.Meters;

/// <summary>
/// Plays a recorded trace at its own pace, from its beginning at the first reading: for trying a measurement out without a meter. At
/// the recording's end it stops as a meter does that is unplugged.
/// </summary>
public sealed class ReplayMeter : IPowerMeter
{
    private readonly IReadOnlyList<RecordedPower> recording;
    private readonly string file;
    private long started;

    private ReplayMeter(string file, IReadOnlyList<RecordedPower> recording)
    {
        this.file = file;
        this.recording = recording;
        Info = new MeterInfo(
            $"replay:{file}", $"recording of {recording.Count} readings over {recording[^1].Seconds - recording[0].Seconds:0.###} s", MeterQuantity.Power);
    }

    /// <inheritdoc/>
    public MeterInfo Info { get; }

    /// <summary>Reads the whole recording; its columns are those of <see cref="PowerTraceCsv"/>.</summary>
    /// <exception cref="MeterException">The file is absent or no such recording.</exception>
    public static ReplayMeter Open(string file) => new(file, PowerTraceCsv.Read(file));

    /// <inheritdoc/>
    public MeterReading Read()
    {
        if (started == 0)
        {
            started = Stopwatch.GetTimestamp();
        }

        return new MeterReading(At(Stopwatch.GetElapsedTime(started).TotalSeconds));
    }

    /// <summary>Nothing is held open.</summary>
    public void Dispose()
    {
    }

    /// <summary>Watts so many seconds after the recording's beginning, on a straight line between its readings.</summary>
    internal double At(double seconds)
    {
        double time = recording[0].Seconds + seconds;
        int below = 0;
        int above = recording.Count - 1;
        if (time > recording[above].Seconds)
        {
            throw new MeterException($"the recording {file} ends after {recording[above].Seconds - recording[0].Seconds:0.###} s");
        }

        while (above - below > 1)
        {
            int middle = (above + below) / 2;
            (below, above) = recording[middle].Seconds <= time ? (middle, above) : (below, middle);
        }

        double share = (time - recording[below].Seconds) / (recording[above].Seconds - recording[below].Seconds);
        return recording[below].Watts + (share * (recording[above].Watts - recording[below].Watts));
    }
}
