using System.Globalization;
using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy;

/// <summary>A meter that may be opened, or why it may not.</summary>
/// <param name="Name">The text that opens it, see <see cref="MeterSpec"/>.</param>
/// <param name="Description">What it is; empty where it could not be opened.</param>
/// <param name="Watts">What it reads now; null for counters and where it could not be opened.</param>
/// <param name="Problem">Why it cannot be read; null where it can.</param>
public sealed record FoundMeter(string Name, string Description, double? Watts, string? Problem);

/// <summary>
/// Looks for the meters of this machine. I2C buses are named but not searched: asking all addresses can upset other chips, and an
/// INA219 looks like any chip before it is told to reset.
/// </summary>
public static class MeterSearch
{
    /// <summary>All meters of sysfs, each tried with one reading, then the I2C buses that an INA219 could be at.</summary>
    public static IReadOnlyList<FoundMeter> Find() => Find("/sys", "/dev");

    /// <param name="system">The root of sysfs.</param>
    /// <param name="devices">The folder of devices.</param>
    internal static IReadOnlyList<FoundMeter> Find(string system, string devices)
    {
        List<FoundMeter> found = [];
        foreach (HwmonChannel channel in HwmonChannel.Find(system))
        {
            found.Add(Try(channel.Name, () => HwmonMeter.Open($"{Path.GetFileName(channel.Folder)}/{channel.Label}", system)));
        }

        IReadOnlyList<(string Name, string Folder)> zones = RaplZone.Find(system);
        if (zones.Count > 0)
        {
            found.Add(Try("rapl", () => RaplMeter.Open(null, system)));
            foreach (string zone in zones.Select(z => z.Name).Distinct())
            {
                found.Add(Try($"rapl:{zone}", () => RaplMeter.Open(zone, system)));
            }
        }

        foreach (string folder in BatteryMeter.Find(system))
        {
            string name = Path.GetFileName(folder);
            found.Add(Try($"battery:{name}", () => BatteryMeter.Open(new BatteryOptions { Name = name }, system)));
        }

        foreach (int bus in I2cBuses.Find(devices))
        {
            found.Add(new FoundMeter(
                string.Create(CultureInfo.InvariantCulture, $"ina219:bus={bus}"), $"I2C bus {bus}; whether an INA219 is on it, only opening it tells", null, null));
        }

        return found;
    }

    private static FoundMeter Try(string name, Func<IPowerMeter> open)
    {
        try
        {
            using IPowerMeter meter = open();
            double? watts = meter.Info.Quantity == MeterQuantity.Power ? meter.Read().Value : null;
            return new FoundMeter(meter.Info.Name, meter.Info.Description, watts, null);
        }
        catch (MeterException error)
        {
            return new FoundMeter(name, "", null, error.Message);
        }
    }
}
