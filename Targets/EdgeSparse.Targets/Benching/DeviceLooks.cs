using System.Collections.Immutable;
using System.Globalization;

namespace EdgeSparse.Targets.Benching;

/// <summary>
/// What a device's sensors said: lines of kind, time (before, during, after), name and value, as <see cref="BenchScripts.Time"/> prints
/// them.
/// </summary>
internal sealed class DeviceLooks
{
    /// <summary>Bits of the firmware of a Raspberry Pi; the same 16 places higher: at any time since it was started.</summary>
    private static readonly (int Bit, string Words)[] PiFlags =
        [(0, "under-voltage"), (1, "frequency capped"), (2, "throttled"), (3, "soft temperature limit")];

    private readonly List<(string Kind, string When, string Name, string Value)> lines = [];

    /// <summary>Adds the looks of one run, in their order.</summary>
    public void Add(string text)
    {
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ', 4) is [var kind, var when, var name, var value])
            {
                lines.Add((kind, when, name, value.Trim()));
            }
        }
    }

    /// <summary>Sensors that gave numbers, each once; thermal zones count in thousandths of a degree.</summary>
    public ImmutableArray<DeviceTemperature> Temperatures() =>
    [
        .. Numbers("temp").GroupBy(t => t.Name)
            .Select(g => new DeviceTemperature(g.Key, g.First().Value / 1000, g.Max(t => t.Value) / 1000))
            .OrderBy(t => t.Sensor, StringComparer.Ordinal),
    ];

    /// <summary>While inferences ran; right after them where they took less than a second.</summary>
    public DeviceFrequency? Frequency()
    {
        double[] clocks = [.. Clocks("during")];
        clocks = clocks.Length > 0 ? clocks : [.. Clocks("after")];
        if (clocks.Length == 0)
        {
            return null;
        }

        Array.Sort(clocks);
        double[] possible = [.. Numbers("most").Select(m => m.Value / 1000)];
        return new DeviceFrequency(clocks[0], clocks[clocks.Length / 2], clocks[^1], possible.Length > 0 ? possible.Max() : null);
    }

    public DeviceThrottling Throttling()
    {
        List<string> flags = [];
        int[] pi = [.. lines.Where(l => l.Kind == "pi" && l.When != "before").Select(l => Bits(l.Value)).OfType<int>()];
        foreach ((int bit, string words) in PiFlags)
        {
            if (pi.Any(p => (p >> bit & 1) != 0))
            {
                flags.Add(words);
            }
        }

        (string Name, double Value)[] counts = [.. Numbers("count")];
        double events = counts.GroupBy(c => c.Name).Sum(g => g.Last().Value - g.First().Value);
        if (events > 0)
        {
            flags.Add(string.Create(CultureInfo.InvariantCulture, $"too hot {events} times"));
        }

        (string Kind, string When, string Name, string Value)[] cooling = [.. lines.Where(l => l.Kind == "cool")];
        if (cooling.Any(c => c.When != "before" && c.Value != "0"))
        {
            flags.Add("clock held down by the kernel's cooling");
        }

        return new DeviceThrottling(
            pi.Length > 0 || counts.Length > 0 || cooling.Length > 0, [.. flags],
            [.. PiFlags.Where(f => pi.Any(p => (p >> (16 + f.Bit) & 1) != 0)).Select(f => f.Words)]);
    }

    private IEnumerable<double> Clocks(string when) => lines.Where(l => l.Kind == "freq" && l.When == when).Select(l => Number(l.Value) / 1000).OfType<double>();

    private IEnumerable<(string Name, double Value)> Numbers(string kind) =>
        lines.Where(l => l.Kind == kind).Select(l => (l.Name, Number(l.Value))).Where(l => l.Item2 is not null).Select(l => (l.Name, l.Item2!.Value));

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double value) ? value : null;

    /// <summary>vcgencmd writes 0x before the digits, sysfs does not.</summary>
    private static int? Bits(string text) =>
        int.TryParse(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int bits) ? bits : null;
}
