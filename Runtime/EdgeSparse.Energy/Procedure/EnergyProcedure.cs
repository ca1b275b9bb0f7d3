using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy;

/// <summary>
/// Measures joules per inference: before each run the idle device, then inferences without a pause, of which those count that begin
/// after the load has settled and end before it stops. Windows begin and end within steady load, so that it does not matter how far
/// the meter's averaging lags behind.
/// </summary>
public sealed class EnergyProcedure
{
    /// <summary>
    /// Readings to wait for, so that one of them was taken under the present load alone: the first may have begun before.
    /// </summary>
    private const int WholeReadings = 2;

    private readonly PowerSampler sampler;
    private readonly Action inference;
    private readonly EnergyOptions options;
    private readonly CancellationToken cancellation;

    /// <summary>Waited at every change of load.</summary>
    private readonly double settle;

    private EnergyProcedure(PowerSampler sampler, MeterInfo meter, Action inference, EnergyOptions options, CancellationToken cancellation)
    {
        this.sampler = sampler;
        this.inference = inference;
        this.options = options;
        this.cancellation = cancellation;
        settle = Math.Max(options.SettleTime.TotalSeconds, 2 * meter.AveragingSeconds);
    }

    /// <summary>The windows of one run.</summary>
    private sealed record Windows(TracePhase Idle, TracePhase Busy, int Inferences);

    /// <summary>Measures; takes all runs' time, about a minute with the options left as they are.</summary>
    /// <param name="meter">Of the device that this program runs on; used by this measurement alone.</param>
    /// <param name="inference">Does one inference; called on this thread.</param>
    /// <param name="options">Times and numbers.</param>
    /// <param name="progress">Told the number of each run before it begins, 1 and up.</param>
    /// <param name="cancellation">Ends the measurement without a result.</param>
    /// <returns>Numbers and trace. A meter that stops is no exception: the result says so and has no median.</returns>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static EnergyMeasurement Measure(
        IPowerMeter meter, Action inference, EnergyOptions options, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(meter);
        ArgumentNullException.ThrowIfNull(inference);
        ArgumentNullException.ThrowIfNull(options);
        using PowerSampler sampler = new(meter, options.Interval);
        List<Windows> windows = new EnergyProcedure(sampler, meter.Info, inference, options, cancellation).Run(progress);
        PowerTrace trace = sampler.Stop();
        List<TracePhase> phases = [];
        foreach (Windows run in windows)
        {
            phases.Add(run.Idle);
            phases.Add(run.Busy);
        }

        return new EnergyMeasurement(Evaluate(trace, windows, sampler.IntervalSeconds, options), trace, [.. phases]);
    }

    private static EnergyResult Evaluate(PowerTrace trace, List<Windows> windows, double interval, EnergyOptions options)
    {
        List<EnergyRun> runs = [];
        string? stopped = null;
        try
        {
            foreach (Windows run in windows)
            {
                runs.Add(new EnergyRun(run.Inferences, trace.Integrate(run.Idle.From, run.Idle.To), trace.Integrate(run.Busy.From, run.Busy.To)));
            }
        }
        catch (MeterException error)
        {
            stopped = error.Message;
        }

        if (stopped is null && runs.Count < options.Runs)
        {
            stopped = trace.Stopped ?? "the meter did not answer any more";
        }

        EnergyMedian? median = stopped is null ? RunStatistics.Median(trace.Meter, runs) : null;
        return new EnergyResult(
            trace.Meter, interval, median, stopped is null ? null : $"the meter stopped in run {runs.Count + 1} of {options.Runs}: {stopped}",
            [.. runs], RunStatistics.Remarks(trace.Meter, runs, median, interval));
    }

    private List<Windows> Run(Action<int>? progress)
    {
        List<Windows> done = [];
        for (int number = 1; number <= options.Runs && !sampler.HasStopped; number++)
        {
            progress?.Invoke(number);
            TracePhase idle = Idle($"idle {number}");
            if (sampler.HasStopped)
            {
                break;
            }

            Repeat(settle, 0, WholeReadings);
            double begin = PowerSampler.Now;
            int inferences = Repeat(options.RunTime.TotalSeconds, EnergyOptions.LeastInferences, 0);
            TracePhase busy = new($"run {number}", begin, PowerSampler.Now);
            Repeat(0, 0, WholeReadings);
            done.Add(new Windows(idle, busy, inferences));
        }

        return done;
    }

    private TracePhase Idle(string name)
    {
        Sleep(settle, WholeReadings);
        double begin = PowerSampler.Now;
        Sleep(options.IdleTime.TotalSeconds, 0);
        double end = PowerSampler.Now;
        Sleep(0, WholeReadings);
        return new TracePhase(name, begin, end);
    }

    /// <summary>Idles until a time has passed and so many readings came, or the meter has stopped.</summary>
    private void Sleep(double seconds, int moreReadings)
    {
        int awaited = sampler.Readings + moreReadings;
        double left = seconds;
        do
        {
            cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(left));
            cancellation.ThrowIfCancellationRequested();
            left = sampler.IntervalSeconds;
        }
        while (sampler.Readings < awaited && !sampler.HasStopped);
    }

    /// <summary>Inferences until a time has passed, a number is reached and so many readings came, or the meter has stopped.</summary>
    private int Repeat(double seconds, int least, int moreReadings)
    {
        int count = 0;
        int awaited = sampler.Readings + moreReadings;
        double end = PowerSampler.Now + seconds;
        while ((PowerSampler.Now < end || count < least || sampler.Readings < awaited) && !sampler.HasStopped)
        {
            cancellation.ThrowIfCancellationRequested();
            inference();
            count++;
        }

        return count;
    }
}
