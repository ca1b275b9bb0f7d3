using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>Words for what a value may be.</summary>
internal static class Allowed
{
    /// <summary>For example <c>above 0, at most 1</c>.</summary>
    public static string Words(RangeAttribute range)
    {
        (double low, double high) = Limits(range);
        string from = range.MinimumIsExclusive ? $"above {Text(low)}" : $"at least {Text(low)}";
        string to = range.MaximumIsExclusive ? $"below {Text(high)}" : $"at most {Text(high)}";
        return $"{from}, {to}";
    }

    public static bool Holds(RangeAttribute range, double value)
    {
        (double low, double high) = Limits(range);
        return (range.MinimumIsExclusive ? value > low : value >= low) && (range.MaximumIsExclusive ? value < high : value <= high);
    }

    public static (double Low, double High) Limits(RangeAttribute range) =>
        (Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
