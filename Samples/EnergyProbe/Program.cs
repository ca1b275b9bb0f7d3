using System.ComponentModel;
using System.Diagnostics;
using EdgeSparse.Energy;
using EdgeSparse.Energy.Sampling;
using EdgeSparse.Runtime;

const string Usage = """
    usage: EnergyProbe                        lists the meters of this machine
           EnergyProbe METER [SECONDS]        prints the power once a second
           EnergyProbe METER MODEL.esb        joules per inference of a blob (about a minute)
           EnergyProbe METER -- COMMAND ...   joules of a command, beyond what the idle machine draws

    """;
try
{
    switch (args)
    {
        case []:
            return List();
        case [var meter]:
            return Watch(meter, 10);
        case [var meter, "--", var command, .. var arguments]:
            return Command(meter, command, arguments);
        case [var meter, var model] when model.EndsWith(".esb", StringComparison.Ordinal):
            return Blob(meter, model);
        case [var meter, var seconds] when double.TryParse(seconds, out double time) && time > 0:
            return Watch(meter, time);
        default:
            Console.Error.Write(Usage);
            return 2;
    }
}
catch (Exception error) when (error is EdgeSparseException or Win32Exception)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}

static int List()
{
    foreach (FoundMeter meter in MeterSearch.Find())
    {
        Console.WriteLine($"{meter.Name}  {meter.Problem ?? meter.Description}");
    }

    Console.Write(Usage);
    return 0;
}

static int Watch(string name, double seconds)
{
    using IPowerMeter meter = MeterSpec.Parse(name).Open();
    using PowerSampler sampler = new(meter);
    double begin = PowerSampler.Now;
    double from = begin;
    while (PowerSampler.Now - begin < seconds && !sampler.HasStopped)
    {
        Thread.Sleep(TimeSpan.FromSeconds(Math.Min(1, seconds)));
        PowerTrace trace = sampler.Trace;
        if (trace.Points.Count >= 2 && trace.Points[^1].Seconds > Math.Max(from, trace.Points[0].Seconds))
        {
            WindowEnergy energy = trace.Integrate(Math.Max(from, trace.Points[0].Seconds), trace.Points[^1].Seconds);
            from = trace.Points[^1].Seconds;
            Console.WriteLine($"{from - begin,6:F1} s  {energy.MeanWatts:F3} W  ± {energy.StandardUncertaintyJoules / energy.Seconds:F3} W");
        }
    }

    return Ended(sampler.Stop());
}

static int Command(string name, string command, string[] arguments)
{
    using IPowerMeter meter = MeterSpec.Parse(name).Open();
    using PowerSampler sampler = new(meter);
    Thread.Sleep(TimeSpan.FromSeconds(3));
    double begin = PowerSampler.Now;
    using (Process process = Process.Start(command, arguments))
    {
        process.WaitForExit();
    }

    double end = PowerSampler.Now;

    // Two readings more: one of them follows the command's end.
    for (int last = sampler.Readings + 2; sampler.Readings < last && !sampler.HasStopped;)
    {
        Thread.Sleep(TimeSpan.FromSeconds(sampler.IntervalSeconds));
    }

    PowerTrace trace = sampler.Stop();
    WindowEnergy all = trace.Integrate(begin, end);
    WindowEnergy idle = trace.Integrate(trace.Points[0].Seconds, begin);
    double net = all.Joules - (idle.MeanWatts * all.Seconds);
    Console.WriteLine(
        $"{all.Joules:G5} J in {all.Seconds:F3} s, {net:G5} J of them beyond the idle {idle.MeanWatts:F3} W "
        + $"(standard uncertainty {Math.Sqrt(Math.Pow(all.StandardUncertaintyJoules, 2) + Math.Pow(idle.StandardUncertaintyJoules * all.Seconds / idle.Seconds, 2)):G2} J)");
    return Ended(trace);
}

static int Blob(string name, string file)
{
    using IPowerMeter meter = MeterSpec.Parse(name).Open();
    using Model model = Model.Load(file);
    using Session session = model.CreateSession();
    float[][] inputs = [.. model.Inputs.Select(i => new float[i.ElementCount])];
    EnergyMeasurement measurement = EnergyProcedure.Measure(
        meter,
        () =>
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                session.SetInput(i, inputs[i]);
            }

            session.Run();
        },
        new EnergyOptions(),
        run => Console.Error.WriteLine($"run {run}"));
    if (measurement.Result.Median is { } median)
    {
        Console.WriteLine(
            $"{median.JoulesPerInference * 1e6:G4} µJ an inference beyond idle, standard uncertainty {median.Uncertainty.Standard * 1e6:G2} µJ; "
            + $"{median.IdleWatts:F3} W idle, {median.BusyWatts:F3} W busy, {median.SecondsPerInference * 1e6:G4} µs");
    }

    foreach (string remark in measurement.Result.Remarks)
    {
        Console.WriteLine($"note: {remark}");
    }

    if (measurement.Result.Stopped is { } stopped)
    {
        throw new MeterException(stopped);
    }

    return 0;
}

static int Ended(PowerTrace trace) => trace.Stopped is { } stopped ? throw new MeterException($"the meter stopped: {stopped}") : 0;
