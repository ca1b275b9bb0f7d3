using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Energy;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse energy list|trace|measure|integrate</c>.</summary>
internal sealed class EnergyCommand : Command
{
    public EnergyCommand()
        : base("energy", "find power meters, record power, measure joules per inference")
    {
        Add(new ListVerb());
        Add(new EnergyTraceVerb());
        Add(new EnergyMeasureVerb());
        Add(new EnergyIntegrateVerb());
    }

    private sealed class ListVerb() : Verb("list", "the power meters of this machine, and why one cannot be read")
    {
        protected override int Run(VerbContext context)
        {
            context.Report(new { Meters = MeterSearch.Find() }, (console, r) =>
            {
                if (r.Meters.Count == 0)
                {
                    console.WriteLine("  no meter: neither I2C, nor hwmon, RAPL or a battery gauge");
                    return;
                }

                Table table = ResultTable.Create("meter", " watts", "what it is");
                foreach (FoundMeter meter in r.Meters)
                {
                    table.Add(meter.Name, meter.Watts?.ToString("F3", CultureInfo.InvariantCulture) ?? "", meter.Problem ?? meter.Description);
                }

                console.Write(table);
            });
            return ExitCode.Success;
        }
    }
}
