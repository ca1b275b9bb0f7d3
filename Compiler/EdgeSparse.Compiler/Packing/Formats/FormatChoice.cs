using System.Globalization;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A weight in the format that measurements, the cost model, or the options, say it gets.</summary>
/// <param name="Packed">The weight's bytes.</param>
/// <param name="Layout">The format.</param>
/// <param name="Reason">For reports: the costs measured or predicted, or that the format was asked for.</param>
/// <param name="PredictedMicroseconds">The cost predicted for it.</param>
internal sealed record FormatChoice(PackedWeight Packed, WeightLayout Layout, string Reason, double PredictedMicroseconds)
{
    /// <summary>How far costs are from what they were fitted to, most of the time.</summary>
    private const double ModelError = 0.05;

    /// <summary>The same for fully connected layers without zeros.</summary>
    private const double DenseModelError = 0.1;

    /// <summary>The time measured for it, null where none was.</summary>
    public double? MeasuredMicroseconds { get; init; }

    /// <summary>The choice for a layer of a network: measured where the options have a tuner that can, else predicted.</summary>
    /// <exception cref="PackingException">The format asked for, or all that are allowed, are impossible.</exception>
    public static FormatChoice Of(LayerProblem problem, PackOptions options) =>
        WantedOf(problem.Matrix, options) is null && options.Tuner?.TryChoose(problem, CostsOf(options), options) is { } measured
            ? measured
            : problem.IsConvolution
                ? ForConvolution(problem.Matrix, ChunkWindow.Of(problem.Window), problem.Output.Geometry.Slots, options)
                : ForLinear(problem.Matrix, options);

    /// <exception cref="PackingException">The format asked for is impossible.</exception>
    public static FormatChoice ForLinear(WeightMatrix matrix, PackOptions options) =>
        Choose(matrix, options, FormatCandidate.ForLinear(
            matrix, CostsOf(options), options.Lanes, WantedOf(matrix, options), options.NonZeroInputs.GetValueOrDefault(matrix.Layer)));

    /// <param name="matrix">The layer.</param>
    /// <param name="window">Its window.</param>
    /// <param name="slots">Slots of an output channel.</param>
    /// <param name="options">Lanes, costs, and formats asked for.</param>
    /// <exception cref="PackingException">The format asked for is impossible.</exception>
    public static FormatChoice ForConvolution(WeightMatrix matrix, ChunkWindow window, int slots, PackOptions options) =>
        Choose(matrix, options, FormatCandidate.ForConvolution(matrix, window, slots, CostsOf(options), WantedOf(matrix, options)));

    /// <summary>Microseconds in reports.</summary>
    internal static string Text(double microseconds) => $"{microseconds.ToString("0.##", CultureInfo.InvariantCulture)} µs";

    /// <summary>What the cost of leaving out columns was reckoned with, for reports; empty where that was no candidate.</summary>
    internal static string Text(NonZeroInputs? inputs, IEnumerable<FormatCandidate> candidates) =>
        inputs is not null && candidates.Any(c => c.Layout == WeightLayout.Csc) ? $"; {inputs}" : "";

    private static KernelCosts CostsOf(PackOptions options) => options.Costs ?? KernelCosts.ForLanes(options.Lanes);

    private static WeightLayout? WantedOf(WeightMatrix matrix, PackOptions options) =>
        options.Formats.TryGetValue(matrix.Layer, out WeightLayout layout) ? layout : null;

    private static FormatChoice Choose(WeightMatrix matrix, PackOptions options, IEnumerable<FormatCandidate> possible)
    {
        FormatCandidate[] all = [.. possible];
        FormatCandidate[] candidates = [.. all.Where(c => options.Allows(c.Layout) || options.Formats.ContainsKey(matrix.Layer))];
        if (candidates.Length == 0)
        {
            throw new PackingException(
                $"layer '{matrix.Layer}' fits none of the formats that the target allows ({string.Join(", ", options.AllowedFormats!.Select(WeightLayouts.NameOf))}); "
                + $"allow one of {string.Join(", ", all.Select(c => WeightLayouts.NameOf(c.Layout)).Distinct())}");
        }

        string predicted = string.Join(", ", candidates.Select(c => $"{WeightLayouts.NameOf(c.Layout)} {Text(c.Nanoseconds / 1000)}"));
        WeightLayout? wanted = WantedOf(matrix, options);
        FormatCandidate? chosen = wanted is null
            ? Cheapest(matrix, candidates)
            : Array.Find(candidates, c => c.Layout == wanted);
        return chosen?.Pack() is { } packed
            ? new FormatChoice(
                packed, chosen.Layout, $"{(wanted is null ? "predicted" : "asked for; predicted")} {predicted}{Text(options.NonZeroInputs.GetValueOrDefault(matrix.Layer), candidates)}",
                Math.Round(chosen.Nanoseconds / 1000, 3))
            : throw new PackingException($"layer '{matrix.Layer}' cannot be packed as {WeightLayouts.NameOf(wanted!.Value)}: {WhyNot(matrix, wanted.Value)}");
    }

    /// <summary>
    /// The cheapest, and where the model cannot tell, the smallest: blocks share an index, and dense weights have none. Of a fully
    /// connected layer without zeros it can tell less: it knows nothing of the caches that such a weight fits into or not.
    /// </summary>
    private static FormatCandidate? Cheapest(WeightMatrix matrix, FormatCandidate[] candidates)
    {
        bool cachesMatter = !matrix.IsConvolution && matrix.Weight.NonZeroCount == matrix.Weight.ElementCount;
        double limit = (1 + (cachesMatter ? DenseModelError : ModelError)) * candidates.Min(c => c.Nanoseconds);
        FormatCandidate[] close = [.. candidates.Where(c => c.Nanoseconds <= limit).OrderBy(c => c.Nanoseconds)];
        return close.Length == 1 ? close[0] : close.MinBy(c => c.Pack()?.Bytes ?? long.MaxValue);
    }

    private static string WhyNot(WeightMatrix matrix, WeightLayout wanted) => wanted switch
    {
        WeightLayout.SlicedEll or WeightLayout.Csc => "that format is for fully connected layers",
        WeightLayout.Depthwise => "that format is for convolutions with one input channel a group",
        WeightLayout.CsrDelta8 when matrix.IsConvolution => "its indices have gaps that no column lies in",
        WeightLayout.CsrDelta8 => "that format is for convolutions",
        _ => $"it has {matrix.Channels} inputs a group, fewer than the columns of a block",
    };
}
