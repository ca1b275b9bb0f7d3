namespace EdgeSparse.Energy.Meters;

/// <summary>Which sign a battery gauge gives the current that the device draws.</summary>
public enum BatterySign
{
    /// <summary>Either: drivers differ, and while the battery discharges its current is the device's, whatever the sign.</summary>
    FromStatus,

    /// <summary>Negative while discharging, as the kernel's documentation asks for.</summary>
    NegativeWhenDischarging,

    /// <summary>Positive while discharging, as many phones have it.</summary>
    PositiveWhenDischarging,
}

/// <summary>What vendors of battery gauges do differently.</summary>
public sealed record BatteryOptions
{
    /// <summary>The folder's name in <c>/sys/class/power_supply</c>; null for the only battery.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Counts with <c>charge_counter</c> (or <c>energy_now</c>, <c>charge_now</c>) rather than sampling the current: for long
    /// measurements, the counter moves in steps of about 1 mAh.
    /// </summary>
    public bool Counter { get; init; }

    /// <summary>The sign of the current, and the way in which the counter goes.</summary>
    public BatterySign Sign { get; init; }

    /// <summary>Some vendors give mA and mAh where the kernel asks for µA and µAh.</summary>
    public bool MilliUnits { get; init; }
}
