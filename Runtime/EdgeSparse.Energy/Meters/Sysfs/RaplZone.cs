namespace EdgeSparse.Energy.Meters;

/// <summary>A zone of the kernel's power capping (<c>/sys/class/powercap/intel-rapl:*</c>): a counter of microjoules that wraps around.</summary>
internal sealed class RaplZone
{
    private readonly string counterFile;
    private readonly long range;
    private long last;

    /// <param name="folder">The zone's folder.</param>
    /// <exception cref="MeterException">It cannot be read.</exception>
    public RaplZone(string folder)
    {
        Folder = folder;
        Name = SysfsFile.Text(Path.Combine(folder, "name"));
        counterFile = Path.Combine(folder, "energy_uj");
        range = SysfsFile.Number(Path.Combine(folder, "max_energy_range_uj"));
        last = SysfsFile.Number(counterFile);
        if (range <= 0 || last < 0 || last > range)
        {
            throw new MeterException($"{counterFile} holds {last}, which is not within its range of {range} µJ");
        }
    }

    public string Folder { get; }

    /// <summary>Such as <c>package-0</c>, <c>core</c>, <c>dram</c>, <c>psys</c>.</summary>
    public string Name { get; }

    /// <summary>Microjoules since the zone was made.</summary>
    public long Total { get; private set; }

    /// <summary>Reads the counter; it may have wrapped around once since the last time.</summary>
    /// <exception cref="MeterException">It cannot be read, or was set back.</exception>
    public void Update()
    {
        long now = SysfsFile.Number(counterFile);
        long used = now >= last ? now - last : now + range - last;

        // A wrap-around between two readings is a small step; a counter that begins anew looks like nearly a whole range.
        if (now < 0 || now > range || used > range / 2)
        {
            throw new MeterException($"{counterFile} jumped from {last} to {now} µJ: the counter was set back, as in a suspend to memory");
        }

        Total += used;
        last = now;
    }

    /// <summary>Names and folders of all zones, those within others included.</summary>
    public static IReadOnlyList<(string Name, string Folder)> Find(string system)
    {
        List<(string, string)> found = [];
        foreach (string folder in SysfsFile.Folders(Path.Combine(system, "class", "powercap")))
        {
            // intel-rapl-mmio counts the same package once more.
            if (Path.GetFileName(folder).StartsWith("intel-rapl:", StringComparison.Ordinal)
                && SysfsFile.TextIfThere(Path.Combine(folder, "name")) is { } name)
            {
                found.Add((name, folder));
            }
        }

        return found;
    }
}
