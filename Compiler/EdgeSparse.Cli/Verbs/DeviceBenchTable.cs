using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Targets.Benching;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary>What devices measured, for people.</summary>
internal static class DeviceBenchTable
{
    public static void Show(IAnsiConsole console, IReadOnlyList<RemoteBenchResult> results)
    {
        Table table = ResultTable.Create("device", " threads", " inferences", " median µs", " p5", " p95");
        foreach (RemoteBenchResult result in results)
        {
            foreach (DeviceLatency run in result.Runs)
            {
                table.Add(
                    result.Host, $"{run.Threads}", Quantity.Count(run.Inferences), Quantity.Micro(run.MedianMicroseconds), Quantity.Micro(run.P5Microseconds),
                    Quantity.Micro(run.P95Microseconds));
            }
        }

        console.Write(table);
        foreach (RemoteBenchResult result in results)
        {
            console.WriteFacts([.. Facts(result)]);
        }
    }

    private static IEnumerable<(string, string)> Facts(RemoteBenchResult result)
    {
        yield return (result.Host, $"{result.Machine.Model}, {result.Machine.Architecture}, {result.Machine.Cores} cores");
        DeviceMemory memory = result.Memory;
        yield return ("memory", $"{Quantity.Bytes(memory.BlobBytes)} blob, {Quantity.Bytes(memory.ArenaBytes)} arena"
            + (memory.PeakResidentBytes is { } peak ? $", {Quantity.Bytes(peak)} resident at its peak" : ""));
        yield return ("temperature", result.Temperatures.IsEmpty
            ? "the device has no sensors"
            : string.Join(", ", result.Temperatures.Select(t => $"{t.Sensor} {Number(t.BeforeCelsius)} to {Number(t.HighestCelsius)} °C")));
        yield return ("frequency", result.Frequency is not { } f
            ? "the device does not say"
            : $"{Number(f.MedianMegahertz)} MHz, from {Number(f.LowestMegahertz)} to {Number(f.HighestMegahertz)}{(f.PossibleMegahertz is { } most ? $" of {Number(most)}" : "")}");
        DeviceThrottling throttling = result.Throttling;
        yield return ("throttling", !throttling.Known ? "the device does not say"
            : (throttling.Flags.IsEmpty ? "none" : string.Join(", ", throttling.Flags))
                + (throttling.SinceBoot.IsEmpty ? "" : $"; since it was started: {string.Join(", ", throttling.SinceBoot)}"));
        if (result.Energy is { JoulesPerInference: { } joules } energy)
        {
            yield return ("energy", string.Create(
                CultureInfo.InvariantCulture,
                $"{joules * 1e6:G4} µJ an inference above idle (median), ± {2 * energy.StandardUncertaintyJoules * 1e6:G2} µJ at 95 %; {energy.GrossJoulesPerInference * 1e6:G4} µJ in all; {energy.Meter}"));
        }
        else if (result.EnergyProblem is { } problem)
        {
            yield return ("energy", $"not measured: {problem}");
        }

        foreach (string remark in result.Energy?.Remarks ?? [])
        {
            yield return ("note", remark);
        }
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
