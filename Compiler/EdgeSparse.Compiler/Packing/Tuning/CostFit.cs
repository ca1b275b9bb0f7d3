using System.Collections.Immutable;
using System.Globalization;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Fits <see cref="KernelCosts"/> to measurements. For each format weight·Weights + row·Rows + layer is fitted to the nanoseconds
/// measured, by least squares of the relative errors, with costs that are not negative: formats are chosen by ratios, and the
/// largest layers should not decide alone. Only planned numbers of chunks count, for those are what the costs will be asked about.
/// </summary>
/// <remarks>
/// A format with fewer than four measurements, or whose measurements do not tell weights from rows, keeps the proportions of the
/// costs it starts from, scaled to its measurements; one without any is scaled as the median of the other formats was.
/// </remarks>
internal static class CostFit
{
    private const int FewestMeasurements = 4;

    private const double Shortest = 1;

    /// <param name="layers">What was measured; the order does not matter.</param>
    /// <param name="start">Costs of formats that were not measured enough.</param>
    public static KernelCosts Fit(IEnumerable<LayerMeasurements> layers, KernelCosts start)
    {
        LayerMeasurements[] all = [.. layers.OrderBy(l => l.Digest, StringComparer.Ordinal)];
        return new KernelCosts
        {
            Convolution = Fit(all.Where(l => l.Operation == LayerMeasurements.Convolution), start.Convolution),
            Linear = Fit(all.Where(l => l.Operation == LayerMeasurements.Linear), start.Linear),
        };
    }

    private static ImmutableSortedDictionary<string, FormatCost> Fit(
        IEnumerable<LayerMeasurements> layers, ImmutableSortedDictionary<string, FormatCost> start)
    {
        ILookup<string, FormatMeasurement> measured = layers.SelectMany(l => l.Formats).Where(f => f.IsPlanned).ToLookup(f => f.Format);
        Dictionary<string, double> scales = start.Where(s => measured.Contains(s.Key)).ToDictionary(s => s.Key, s => Scale(s.Value, measured[s.Key]));
        double others = Median(scales.Values);
        return start.ToImmutableSortedDictionary(
            s => s.Key,
            s => Rounded(FitOne([.. measured[s.Key]]) ?? Times(s.Value, scales.GetValueOrDefault(s.Key, others))),
            StringComparer.Ordinal);
    }

    private static FormatCost? FitOne(FormatMeasurement[] measured)
    {
        if (measured.Length < FewestMeasurements)
        {
            return null;
        }

        double[] found = NonNegativeLeastSquares.Solve(
            [.. measured.Select(m => new[] { m.Weights / Nanoseconds(m), m.Rows / Nanoseconds(m), 1 / Nanoseconds(m) })],
            [.. measured.Select(_ => 1.0)]);
        return found[0] > 0 ? new FormatCost(found[0], found[1], found[2]) : null;
    }

    /// <summary>The factor that makes the costs meet the measurements, by least squares of relative errors.</summary>
    private static double Scale(FormatCost cost, IEnumerable<FormatMeasurement> measured)
    {
        double[] ratios = [.. measured.Select(m => cost.Nanoseconds(new WorkCount(m.Weights, m.Rows)) / Nanoseconds(m))];
        double squares = ratios.Sum(r => r * r);
        return squares > 0 ? ratios.Sum() / squares : 1;
    }

    private static double Nanoseconds(FormatMeasurement m) => Math.Max(Shortest, m.Microseconds * 1000);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 1 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static FormatCost Times(FormatCost cost, double factor) => new(cost.Weight * factor, cost.Row * factor, cost.Layer * factor);

    private static FormatCost Rounded(FormatCost cost) => new(Round(cost.Weight), Round(cost.Row), Round(cost.Layer));

    /// <summary>Five digits: more would only look as if they had been measured.</summary>
    private static double Round(double value) => double.Parse(value.ToString("E4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
