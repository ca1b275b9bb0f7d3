using System.Globalization;

namespace EdgeSparse.Energy.Meters;

/// <summary>
/// One supply that a chip of the kernel's hardware monitoring (<c>/sys/class/hwmon</c>) measures: as power, or as voltage and
/// current. Units are the kernel's (Documentation/hwmon/sysfs-interface): µW, mV, mA.
/// </summary>
/// <param name="Chip">The driver's name, such as <c>ina3221</c>.</param>
/// <param name="Folder">The chip's folder.</param>
/// <param name="Label">What the board calls the supply; else <c>power1</c> or <c>channel1</c>.</param>
/// <param name="PowerFile">In µW; null where power is voltage times current.</param>
/// <param name="VoltageFile">In mV.</param>
/// <param name="CurrentFile">In mA.</param>
internal sealed record HwmonChannel(string Chip, string Folder, string Label, string? PowerFile, string? VoltageFile, string? CurrentFile)
{
    private const int MostChannels = 32;
    private const string Ina3221 = "ina3221";
    private const int ChannelsOfIna3221 = 3;

    /// <summary>The text that opens the meter.</summary>
    public string Name => $"hwmon:{Chip}/{Label}";

    /// <summary>All channels that tell power, in order of folders and numbers.</summary>
    /// <param name="system">The root of sysfs.</param>
    public static IReadOnlyList<HwmonChannel> Find(string system = "/sys")
    {
        List<HwmonChannel> found = [];
        foreach (string folder in SysfsFile.Folders(Path.Combine(system, "class", "hwmon")))
        {
            if (SysfsFile.TextIfThere(Path.Combine(folder, "name")) is { Length: > 0 } chip)
            {
                AddPowers(found, chip, folder);
                AddProducts(found, chip, folder);
            }
        }

        return found;
    }

    private static void AddPowers(List<HwmonChannel> found, string chip, string folder)
    {
        for (int i = 1; i <= MostChannels; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            string power = Path.Combine(folder, $"power{number}_input");
            if (!File.Exists(power))
            {
                // Some drivers tell only a mean over an interval of their own.
                power = Path.Combine(folder, $"power{number}_average");
            }

            if (File.Exists(power))
            {
                string label = SysfsFile.TextIfThere(Path.Combine(folder, $"power{number}_label")) ?? $"power{number}";
                found.Add(new HwmonChannel(chip, folder, label, power, null, null));
            }
        }
    }

    /// <summary>
    /// Only of chips whose numbers are known to belong together: the INA3221's inN and currN do for N from 1 to 3, its in4 to in7
    /// are voltages of the shunts and curr4 is a sum.
    /// </summary>
    private static void AddProducts(List<HwmonChannel> found, string chip, string folder)
    {
        for (int i = 1; chip == Ina3221 && i <= ChannelsOfIna3221; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            string voltage = Path.Combine(folder, $"in{number}_input");
            string current = Path.Combine(folder, $"curr{number}_input");
            bool enabled = SysfsFile.TextIfThere(Path.Combine(folder, $"in{number}_enable")) != "0";
            if (enabled && File.Exists(voltage) && File.Exists(current))
            {
                string label = SysfsFile.TextIfThere(Path.Combine(folder, $"in{number}_label")) ?? $"channel{number}";
                found.Add(new HwmonChannel(chip, folder, label, null, voltage, current));
            }
        }
    }
}
