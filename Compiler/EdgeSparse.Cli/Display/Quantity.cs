using System.Globalization;

namespace EdgeSparse.Cli.Display;

/// <summary>Numbers as people read them.</summary>
internal static class Quantity
{
    /// <summary>Three significant digits and a letter: 12.3k, 4.56M.</summary>
    public static string Short(double value) => value switch
    {
        >= 1e9 => Three(value / 1e9) + "G",
        >= 1e6 => Three(value / 1e6) + "M",
        >= 1e3 => Three(value / 1e3) + "k",
        _ => Three(value),
    };

    /// <summary>Bytes: 812 B, 1.23 KB, 4.56 MB (powers of 1000).</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        >= 1e9 => Three(bytes / 1e9) + " GB",
        >= 1e6 => Three(bytes / 1e6) + " MB",
        >= 1e3 => Three(bytes / 1e3) + " KB",
        _ => bytes.ToString("F0", CultureInfo.InvariantCulture) + " B",
    };

    /// <summary>A rate in the unit of the work.</summary>
    public static string Rate(double perSecond, string unit) =>
        unit is "bytes" or "byte" or "B" ? $"{Bytes(perSecond)}/s" : $"{Short(perSecond)} {unit}/s";

    /// <summary>4.2 s, 1:23, 1:02:03.</summary>
    public static string Time(TimeSpan time) =>
        time.TotalSeconds < 60 ? time.TotalSeconds.ToString(time.TotalSeconds < 10 ? "F1" : "F0", CultureInfo.InvariantCulture) + " s"
        : time.TotalHours < 1 ? $"{(int)time.TotalMinutes}:{time.Seconds:00}"
        : $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}";

    /// <summary>A share as 12.34 %.</summary>
    public static string Percent(double fraction, int digits = 2) =>
        (fraction * 100).ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + " %";

    /// <summary>Microseconds without their unit: 1.23, 45.60, 789.</summary>
    public static string Micro(double microseconds) => microseconds.ToString(microseconds < 100 ? "F2" : "F0", CultureInfo.InvariantCulture);

    /// <summary>With thousands separated.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Three(double value) => value switch
    {
        >= 99.95 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 9.995 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
