using System.Globalization;
using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy;

/// <summary>
/// The text that names a meter: <c>ina219:bus=1,address=0x40,shunt=0.1,max=2,volts=5,tolerance=0.01</c>, <c>hwmon:CHIP/LABEL</c>,
/// <c>rapl</c>, <c>rapl:ZONE</c>, <c>battery</c>, <c>battery:NAME,counter=yes,sign=negative,unit=milli</c>, <c>replay:FILE.csv</c>.
/// </summary>
public sealed class MeterSpec
{
    /// <summary>The forms, for help texts.</summary>
    public const string Forms = "ina219[:bus=1,address=0x40,shunt=0.1,max=A,volts=V], hwmon:CHIP[/LABEL], rapl[:ZONE], battery[:NAME], replay:FILE.csv";

    private static readonly string[] Ina219Keys = ["bus", "address", "shunt", "max", "volts", "tolerance"];
    private static readonly string[] BatteryKeys = ["counter", "sign", "unit"];

    private readonly string kind;
    private readonly string name = "";
    private readonly Dictionary<string, string> values = [];

    private MeterSpec(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        kind = colon < 0 ? text : text[..colon];
        string rest = colon < 0 ? "" : text[(colon + 1)..];
        switch (kind)
        {
            case "ina219" or "iot-ina219":
                Split(text, rest, Ina219Keys, takesName: false);
                _ = Ina219Of(0.01);
                _ = (Bus, Address);
                break;
            case "battery":
                name = Split(text, rest, BatteryKeys, takesName: true);
                _ = BatteryOf();
                break;
            case "hwmon" or "replay":
                Require(rest.Length > 0, kind == "hwmon" ? "hwmon needs the name of a chip, as in hwmon:ina3221/VDD_IN" : "replay needs a file, as in replay:trace.csv");
                name = rest;
                break;
            case "rapl":
                Require(colon < 0 || rest.Length > 0, "rapl: needs the name of a zone after it, as in rapl:package-0");
                name = rest;
                break;
            default:
                throw new MeterSpecException($"there is no meter '{text}'. Allowed: {Forms}");
        }
    }

    private int Bus => Whole("bus", 1, 0, 1023);

    private int Address => Whole("address", 0x40, 0x03, 0x77);

    /// <summary>Reads the text; opens nothing.</summary>
    /// <exception cref="MeterSpecException">It means nothing, or a value is out of its range.</exception>
    public static MeterSpec Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new MeterSpec(text);
    }

    /// <summary>Opens the meter.</summary>
    /// <param name="interval">Time between the readings that are meant to be taken; null for what suits the meter.</param>
    /// <exception cref="MeterException">It is not there, or cannot be read; one line says why and what to do.</exception>
    public IPowerMeter Open(TimeSpan? interval = null) => kind switch
    {
        "ina219" => Ina219Meter.Open(Bus, Address, Ina219Of(interval?.TotalSeconds)),
#if IOT_DEVICE_BINDINGS
        "iot-ina219" => new IotIna219Meter(Bus, Address, Ina219Of(interval?.TotalSeconds)),
#else
        "iot-ina219" => throw new MeterException("this build has no Iot.Device.Bindings; build it with -p:IotDeviceBindings=true, or use ina219"),
#endif
        "battery" => BatteryMeter.Open(BatteryOf()),
        "hwmon" => HwmonMeter.Open(name),
        "rapl" => RaplMeter.Open(name.Length == 0 ? null : name),
        _ => ReplayMeter.Open(name),
    };

    private static void Require(bool right, string message)
    {
        if (!right)
        {
            throw new MeterSpecException(message);
        }
    }

    /// <returns>The name that stands before the settings; empty where there is none.</returns>
    private string Split(string text, string rest, string[] keys, bool takesName)
    {
        string found = "";
        string[] parts = rest.Length == 0 ? [] : rest.Split(',');
        for (int i = 0; i < parts.Length; i++)
        {
            int equals = parts[i].IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 && i == 0 && takesName && parts[i].Length > 0)
            {
                found = parts[i];
                continue;
            }

            string key = equals < 0 ? parts[i] : parts[i][..equals];
            Require(Array.IndexOf(keys, key) >= 0, $"'{text}': {kind} has no setting '{key}'. Allowed: {string.Join(", ", keys)}");
            Require(equals >= 0 && equals < parts[i].Length - 1, $"'{text}': {key} needs a value, as in {key}=…");
            Require(values.TryAdd(key, parts[i][(equals + 1)..]), $"'{text}': {key} stands there twice");
        }

        return found;
    }

    private Ina219Settings Ina219Of(double? intervalSeconds)
    {
        Ina219Settings settings = new();
        settings = settings with
        {
            ShuntOhms = Number("shunt") ?? settings.ShuntOhms,
            ShuntTolerance = Number("tolerance") ?? settings.ShuntTolerance,
            MaxAmperes = Number("max"),
            MaxVolts = Number("volts") ?? settings.MaxVolts,
            IntervalSeconds = intervalSeconds ?? settings.IntervalSeconds,
        };
        settings.Check();
        return settings;
    }

    private BatteryOptions BatteryOf() => new()
    {
        Name = name.Length == 0 ? null : name,
        Counter = Choice("counter", "no", "yes") == "yes",
        Sign = Choice("sign", "status", "negative", "positive") switch
        {
            "negative" => BatterySign.NegativeWhenDischarging,
            "positive" => BatterySign.PositiveWhenDischarging,
            _ => BatterySign.FromStatus,
        },
        MilliUnits = Choice("unit", "micro", "milli") == "milli",
    };

    private string Choice(string key, params string[] allowed)
    {
        string value = values.GetValueOrDefault(key, allowed[0]);
        Require(Array.IndexOf(allowed, value) >= 0, $"{kind}: {key} is '{value}'. Allowed: {string.Join(", ", allowed)}");
        return value;
    }

    private double? Number(string key)
    {
        if (!values.TryGetValue(key, out string? text))
        {
            return null;
        }

        Require(
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value),
            $"{kind}: {key} is '{text}', not a number");
        return value;
    }

    private int Whole(string key, int otherwise, int least, int most)
    {
        if (!values.TryGetValue(key, out string? text))
        {
            return otherwise;
        }

        bool hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool valid = int.TryParse(
            hexadecimal ? text.AsSpan(2) : text, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out int value);
        Require(
            valid && value >= least && value <= most,
            $"{kind}: {key} is '{text}', not {(key == "address" ? $"an address from 0x{least:x2} to 0x{most:x2}" : $"a whole number from {least} to {most}")}");
        return value;
    }
}
