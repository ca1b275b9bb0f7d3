using System.Diagnostics.CodeAnalysis;

namespace EdgeSparse.Energy.Sampling;

/// <summary>
/// Reads a meter at even intervals on a thread of its own. When the meter fails, readings end and the trace says why; nothing is
/// put in their place.
/// </summary>
[SuppressMessage("Reliability", "CA2213", Justification = "The meter is the caller's.")]
public sealed class PowerSampler : IDisposable
{
    /// <summary>A meter that has not answered for so long has stopped, and is not waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly IPowerMeter meter;
    private readonly double interval;
    private readonly Thread thread;
    private readonly ManualResetEventSlim ending = new();
    private readonly Lock gate = new();
    private readonly TraceBuilder builder;
    private string? stopped;
    private volatile bool ended;
    private volatile int readings;
    private double lastReading = MonotonicClock.Seconds;

    /// <summary>Starts to read.</summary>
    /// <param name="meter">Used by the sampler alone until it is stopped; the caller disposes it.</param>
    /// <param name="interval">Time between readings; null for what suits the meter.</param>
    public PowerSampler(IPowerMeter meter, TimeSpan? interval = null)
    {
        ArgumentNullException.ThrowIfNull(meter);
        this.meter = meter;
        this.interval = interval?.TotalSeconds ?? meter.Info.IntervalSeconds;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(this.interval, nameof(interval));
        builder = new TraceBuilder(meter.Info.Quantity);
        thread = new Thread(Sample) { IsBackground = true, Name = "power sampler" };
        thread.Start();
    }

    /// <summary>The time that points of the trace are given in.</summary>
    public static double Now => MonotonicClock.Seconds;

    /// <summary>Seconds between readings.</summary>
    public double IntervalSeconds => interval;

    /// <summary>Whether the meter has failed, or not answered for some seconds.</summary>
    public bool HasStopped => ended || MonotonicClock.Seconds - Volatile.Read(ref lastReading) > interval + Patience.TotalSeconds;

    /// <summary>How many readings there are.</summary>
    public int Readings => readings;

    /// <summary>All readings until now.</summary>
    public PowerTrace Trace
    {
        get
        {
            lock (gate)
            {
                return new PowerTrace(meter.Info, builder.ToPoints(), stopped);
            }
        }
    }

    /// <summary>Ends the readings.</summary>
    /// <returns>All of them.</returns>
    public PowerTrace Stop()
    {
        ending.Set();
        if (!thread.Join(Patience))
        {
            lock (gate)
            {
                stopped ??= $"a reading has not come back for {MonotonicClock.Seconds - Volatile.Read(ref lastReading):0.#} s";
            }
        }

        return Trace;
    }

    /// <summary>Ends the readings; the meter stays open.</summary>
    public void Dispose()
    {
        Stop();
        if (!thread.IsAlive)
        {
            ending.Dispose();
        }
    }

    private void Sample()
    {
        double due = MonotonicClock.Seconds;
        try
        {
            do
            {
                double before = MonotonicClock.Seconds;
                MeterReading reading = meter.Read();
                double after = MonotonicClock.Seconds;
                lock (gate)
                {
                    builder.Add((before + after) / 2, after - before, reading);
                }

                readings++;
                Volatile.Write(ref lastReading, after);

                // The grid is fixed, so that delays do not add up; points that were missed are left out.
                due = Math.Max(due + interval, after - ((after - due) % interval) + interval);
            }
            while (!ending.Wait(TimeSpan.FromSeconds(Math.Max(0, due - MonotonicClock.Seconds))));
        }
        catch (MeterException error)
        {
            lock (gate)
            {
                stopped = error.Message;
            }

            ended = true;
        }
    }
}
