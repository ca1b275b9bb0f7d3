namespace EdgeSparse.Energy.Meters;

/// <summary>The energy counters of an Intel or AMD processor (RAPL), through the kernel's power capping.</summary>
public sealed class RaplMeter : IPowerMeter
{
    private readonly RaplZone[] zones;

    private RaplMeter(string name, RaplZone[] zones)
    {
        this.zones = zones;
        string parts = "";
        foreach (RaplZone zone in zones)
        {
            parts += $"{(parts.Length == 0 ? "" : " + ")}{zone.Name} ({zone.Folder})";
        }

        Info = new MeterInfo(name, $"RAPL, {parts}", MeterQuantity.Energy)
        {
            // The counters move every millisecond: over 50 ms, the uneven end of one is lost among the rest.
            IntervalSeconds = 0.05,
        };
    }

    /// <inheritdoc/>
    public MeterInfo Info { get; }

    /// <summary>Opens the zones of a name and sums them.</summary>
    /// <param name="zone">
    /// Such as <c>package-0</c>, <c>dram</c> or <c>psys</c>; null for all processor packages, without memory and the rest of the
    /// computer.
    /// </param>
    /// <param name="system">The root of sysfs.</param>
    /// <exception cref="MeterException">There is no such zone, or no permission: since Linux 5.10 only root may read the counters.</exception>
    public static RaplMeter Open(string? zone = null, string system = "/sys")
    {
        IReadOnlyList<(string Name, string Folder)> all = RaplZone.Find(system);
        List<RaplZone> chosen = [];
        List<string> names = [];
        foreach ((string name, string folder) in all)
        {
            if (!names.Contains(name))
            {
                names.Add(name);
            }

            if (zone is null ? name.StartsWith("package", StringComparison.Ordinal) : name == zone)
            {
                chosen.Add(new RaplZone(folder));
            }
        }

        return chosen.Count > 0 ? new RaplMeter(zone is null ? "rapl" : $"rapl:{zone}", [.. chosen])
            : all.Count == 0 ? throw new MeterException(
                $"this machine offers no RAPL counters ({system}/class/powercap/intel-rapl:*); they are of Intel and AMD processors, and virtual machines hide them")
            : throw new MeterException($"there is no RAPL zone '{zone ?? "package-0"}'; there are: {string.Join(", ", names)}");
    }

    /// <inheritdoc/>
    public MeterReading Read()
    {
        long total = 0;
        foreach (RaplZone zone in zones)
        {
            zone.Update();
            total += zone.Total;
        }

        return new MeterReading(total * 1e-6);
    }

    /// <summary>Nothing is held open.</summary>
    public void Dispose()
    {
    }
}
