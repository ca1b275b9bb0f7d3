namespace EdgeSparse.Energy.Meters;

/// <summary>
/// The gauge of the battery that the device runs on (<c>/sys/class/power_supply</c>; units of the kernel's
/// Documentation/ABI/testing/sysfs-class-power: µA, µV, µW, µAh, µWh). Only while it discharges does its current say what the device
/// draws: with a charger connected, it cannot be read.
/// </summary>
public sealed class BatteryMeter : IPowerMeter
{
    private const double CoulombsPerAmpereHour = 3600;

    private readonly string folder;
    private readonly BatteryOptions options;

    /// <summary>Volts, amperes and ampere hours of the files' units.</summary>
    private readonly double scale;

    private readonly string? currentFile;
    private readonly string? powerFile;
    private readonly string? counterFile;

    /// <summary>Whether the counter is of energy rather than charge.</summary>
    private readonly bool countsEnergy;

    private long lastCount;
    private double lastVolts;
    private double joules;

    private BatteryMeter(string folder, BatteryOptions options)
    {
        this.folder = folder;
        this.options = options;
        scale = options.MilliUnits ? 1e-3 : 1e-6;
        currentFile = IfThere("current_now");
        powerFile = IfThere("power_now");
        counterFile = options.Counter ? IfThere("charge_counter") ?? IfThere("energy_now") ?? IfThere("charge_now") : null;
        countsEnergy = counterFile is not null && Path.GetFileName(counterFile) == "energy_now";
        if (options.Counter ? counterFile is null : currentFile is null && powerFile is null)
        {
            throw new MeterException($"the gauge in {folder} has no {(options.Counter ? "charge_counter, energy_now or charge_now" : "current_now or power_now")}");
        }

        string source = options.Counter ? Path.GetFileName(counterFile!) : currentFile is null ? "power_now" : "current_now × voltage_now";
        Info = new MeterInfo(
            $"battery:{Path.GetFileName(folder)}{(options.Counter ? ",counter=yes" : "")}", $"battery gauge ({folder}), {source}",
            options.Counter ? MeterQuantity.Energy : MeterQuantity.Power)
        {
            IntervalSeconds = 0.25,
        };
        RequireDischarging();
        if (options.Counter)
        {
            lastCount = SysfsFile.Number(counterFile!);
            lastVolts = countsEnergy ? 1 : Volts();
        }

        Read();
    }

    /// <inheritdoc/>
    public MeterInfo Info { get; }

    /// <summary>Opens the gauge.</summary>
    /// <exception cref="MeterException">There is no battery, it is being charged, or it cannot be read.</exception>
    public static BatteryMeter Open(BatteryOptions options, string system = "/sys")
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> batteries = Find(system);
        List<string> chosen = [];
        string names = "";
        foreach (string battery in batteries)
        {
            names += $"{(names.Length == 0 ? "" : ", ")}battery:{Path.GetFileName(battery)}";
            if (options.Name is null || Path.GetFileName(battery) == options.Name)
            {
                chosen.Add(battery);
            }
        }

        return chosen.Count switch
        {
            1 => new BatteryMeter(chosen[0], options),
            0 => throw new MeterException(batteries.Count == 0
                ? $"this machine has no battery ({system}/class/power_supply)"
                : $"there is no battery '{options.Name}'; there are: {names}"),
            _ => throw new MeterException($"this machine has {chosen.Count} batteries; name the one that it runs on: {names}"),
        };
    }

    /// <inheritdoc/>
    public MeterReading Read()
    {
        RequireDischarging();
        if (options.Counter)
        {
            return new MeterReading(Count());
        }

        if (currentFile is null)
        {
            return new MeterReading(Math.Abs((double)SysfsFile.Number(powerFile!)) * scale);
        }

        double amperes = Drawn(SysfsFile.Number(currentFile)) * scale;
        if (amperes < 0)
        {
            throw new MeterException($"by the sign of {currentFile} the battery is being charged; unplug the charger, or give the other sign=");
        }

        double volts = Volts();
        return new MeterReading(volts * amperes, volts, amperes);
    }

    /// <summary>Nothing is held open.</summary>
    public void Dispose()
    {
    }

    /// <summary>Folders of the batteries that power the system; those of mice and headsets are not among them.</summary>
    internal static IReadOnlyList<string> Find(string system)
    {
        List<string> found = [];
        foreach (string folder in SysfsFile.Folders(Path.Combine(system, "class", "power_supply")))
        {
            if (SysfsFile.TextIfThere(Path.Combine(folder, "type")) == "Battery"
                && SysfsFile.TextIfThere(Path.Combine(folder, "scope")) != "Device"
                && SysfsFile.TextIfThere(Path.Combine(folder, "present")) != "0")
            {
                found.Add(folder);
            }
        }

        return found;
    }

    private string? IfThere(string file) => File.Exists(Path.Combine(folder, file)) ? Path.Combine(folder, file) : null;

    /// <summary>voltage_now is in µV with every vendor that we know of.</summary>
    private double Volts() => SysfsFile.Number(Path.Combine(folder, "voltage_now")) * 1e-6;

    private void RequireDischarging()
    {
        string? status = SysfsFile.TextIfThere(Path.Combine(folder, "status"));
        bool signTells = status is null or "Unknown" && options.Sign != BatterySign.FromStatus;
        if (status != "Discharging" && !signTells)
        {
            throw new MeterException(status is null or "Unknown"
                ? $"the gauge in {folder} does not say whether it discharges; say which sign its current has then: sign=negative or sign=positive"
                : $"the battery in {folder} is not discharging (status: {status}), so its gauge does not say what the device draws; unplug the charger");
        }
    }

    private double Drawn(long value) => options.Sign switch
    {
        BatterySign.NegativeWhenDischarging => -(double)value,
        BatterySign.PositiveWhenDischarging => value,
        _ => Math.Abs((double)value),
    };

    private double Count()
    {
        long count = SysfsFile.Number(counterFile!);
        double volts = countsEnergy ? 1 : Volts();
        long drawn = options.Sign == BatterySign.PositiveWhenDischarging ? count - lastCount : lastCount - count;
        if (drawn < 0)
        {
            throw new MeterException(
                $"{counterFile} went from {lastCount} to {count} though the battery discharges; if it counts upwards, say so: sign=positive");
        }

        joules += drawn * scale * CoulombsPerAmpereHour * (volts + lastVolts) / 2;
        lastCount = count;
        lastVolts = volts;
        return joules;
    }
}
