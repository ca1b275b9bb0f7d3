using System.Globalization;
using System.Text;
using EdgeSparse.Energy;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware;

/// <summary>Joules per inference: measured, and put into words and JSON.</summary>
internal static class EnergyReport
{
    /// <param name="meter">Of this device.</param>
    /// <param name="session">Runs the network.</param>
    /// <param name="sample">Its input.</param>
    /// <param name="outputElements">Elements of its first output.</param>
    /// <param name="seconds">Of a run; 0 for the procedure's own.</param>
    public static EnergyResult Measure(IPowerMeter meter, IInferenceSession session, float[] sample, int outputElements, double seconds)
    {
        float[] output = new float[outputElements];
        EnergyOptions options = seconds == 0 ? new EnergyOptions() : EnergyOptions.OfSeconds(seconds);
        return EnergyProcedure.Measure(
            meter,
            () =>
            {
                session.SetInput(0, sample);
                session.Run();
                session.GetOutput(0, output);
            },
            options).Result;
    }

    public static void AddText(StringBuilder text, EnergyResult result)
    {
        if (result.Median is { } median)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{median.JoulesPerInference:G4} J an inference above idle, standard uncertainty {median.Uncertainty.Standard:G2} J; "
                + $"{median.GrossJoulesPerInference:G4} J in all; {median.IdleWatts:G4} W idle, {median.BusyWatts:G4} W busy; "
                + $"median of {result.Runs.Length} runs, {result.Meter.Name}\n");
        }

        foreach (string remark in result.Remarks)
        {
            text.Append(CultureInfo.InvariantCulture, $"note: {remark}\n");
        }
    }

    public static void AddJson(JsonText json, EnergyResult result)
    {
        json.Name("energy").Object();
        json.Name("meter").Value(result.Meter.Name);
        json.Name("complete").Value(result.Complete);
        if (result.Stopped is { } stopped)
        {
            json.Name("stopped").Value(stopped);
        }

        // Without a result the members below are absent: there is no number to take for one.
        if (result.Median is { } median)
        {
            json.Name("joulesPerInference").Value(median.JoulesPerInference);
            json.Name("standardUncertaintyJoules").Value(median.Uncertainty.Standard);
            json.Name("grossJoulesPerInference").Value(median.GrossJoulesPerInference);
            json.Name("secondsPerInference").Value(median.SecondsPerInference);
            json.Name("idleWatts").Value(median.IdleWatts);
            json.Name("busyWatts").Value(median.BusyWatts);
        }

        json.Name("runs").Array();
        foreach (EnergyRun run in result.Runs)
        {
            json.Value(run.JoulesPerInference);
        }

        json.EndArray();
        json.Name("remarks").Array();
        foreach (string remark in result.Remarks)
        {
            json.Value(remark);
        }

        json.EndArray();
        json.EndObject();
    }
}
