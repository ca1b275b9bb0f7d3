namespace EdgeSparse.Energy.Meters;

/// <summary>A supply measured by a chip that the kernel drives: an INA3221 on a Jetson, an ina2xx or a board's own controller.</summary>
public sealed class HwmonMeter : IPowerMeter
{
    /// <summary>A read goes over I2C: more often than this, it would load the processor that is measured.</summary>
    private const double ShortestInterval = 0.02;

    private readonly HwmonChannel channel;

    private HwmonMeter(HwmonChannel channel)
    {
        this.channel = channel;
        double update = SysfsFile.TextIfThere(Path.Combine(channel.Folder, "update_interval")) is not null
            ? SysfsFile.Number(Path.Combine(channel.Folder, "update_interval")) * 1e-3
            : 0;
        Info = new MeterInfo(
            channel.Name,
            $"{channel.Chip} ({channel.Folder}), {(channel.PowerFile is { } file ? Path.GetFileName(file) : "voltage × current")}"
            + (update > 0 ? $", new every {update * 1e3:0.##} ms" : ""),
            MeterQuantity.Power)
        {
            AveragingSeconds = update,
            IntervalSeconds = Math.Max(ShortestInterval, update),
        };
        Read();
    }

    /// <inheritdoc/>
    public MeterInfo Info { get; }

    /// <summary>Opens a channel.</summary>
    /// <param name="name"><c>CHIP</c>, <c>CHIP/LABEL</c>, or with the folder <c>hwmon3</c> in place of the chip.</param>
    /// <param name="system">The root of sysfs.</param>
    /// <exception cref="MeterException">There is none of that name, several, or it cannot be read; the message lists what there is.</exception>
    public static HwmonMeter Open(string name, string system = "/sys")
    {
        IReadOnlyList<HwmonChannel> all = HwmonChannel.Find(system);
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string chip = slash < 0 ? name : name[..slash];
        string? label = slash < 0 ? null : name[(slash + 1)..];
        List<HwmonChannel> chosen = [];
        foreach (HwmonChannel channel in all)
        {
            if ((channel.Chip == chip || Path.GetFileName(channel.Folder) == chip) && (label is null || channel.Label == label))
            {
                chosen.Add(channel);
            }
        }

        return chosen.Count switch
        {
            1 => new HwmonMeter(chosen[0]),
            0 => throw new MeterException(
                $"no chip of {system}/class/hwmon measures power as '{name}'; there {(all.Count == 0 ? "is none" : $"are: {Names(all)}")}"),
            _ => throw new MeterException($"'hwmon:{name}' names {chosen.Count} supplies; name one of them: {Names(chosen)}"),
        };
    }

    /// <inheritdoc/>
    public MeterReading Read()
    {
        if (channel.PowerFile is { } power)
        {
            return new MeterReading(SysfsFile.Number(power) * 1e-6);
        }

        double volts = SysfsFile.Number(channel.VoltageFile!) * 1e-3;
        double amperes = SysfsFile.Number(channel.CurrentFile!) * 1e-3;
        return new MeterReading(volts * amperes, volts, amperes);
    }

    /// <summary>Nothing is held open.</summary>
    public void Dispose()
    {
    }

    private static string Names(IReadOnlyList<HwmonChannel> channels)
    {
        List<string> names = [];
        foreach (HwmonChannel channel in channels)
        {
            // Two chips of one kind are told apart by their folders.
            bool unique = true;
            foreach (HwmonChannel other in channels)
            {
                unique &= ReferenceEquals(other, channel) || other.Name != channel.Name;
            }

            names.Add(unique ? channel.Name : $"hwmon:{Path.GetFileName(channel.Folder)}/{channel.Label}");
        }

        return string.Join(", ", names);
    }
}
