using System.Globalization;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A weight in the format that the cost model, or the options, say it gets.</summary>
/// <param name="Packed">The weight's bytes.</param>
/// <param name="Layout">The format.</param>
/// <param name="Reason">For reports: the predicted costs, or that the format was asked for.</param>
internal sealed record FormatChoice(PackedWeight Packed, WeightLayout Layout, string Reason)
{
    public static FormatChoice ForLinear(WeightMatrix matrix, PackOptions options)
    {
        FormatCosts costs = FormatCosts.ForLanes(options.Lanes);
        SlicedEllFormat sliced = new(matrix, SliceShape.ForLanes(options.Lanes));
        double dense = (costs.DenseProduct * matrix.Weight.ElementCount) + (costs.ReducedRow * matrix.Rows);
        double csr = (costs.CsrProduct * matrix.Weight.NonZeroCount) + (costs.ReducedRow * matrix.Rows);
        double slicedEll = sliced.IsPossible
            ? (costs.SlicedEllEntry * sliced.Entries) + (costs.SlicedEllSlice * sliced.Slices) + (costs.SlicedEllRow * matrix.Rows)
            : double.PositiveInfinity;
        (WeightLayout layout, string reason) = Choose(
            matrix.Layer, options, [(WeightLayout.SlicedEll, slicedEll), (WeightLayout.Csr, csr), (WeightLayout.Dense, dense)]);
        return new FormatChoice(
            layout switch
            {
                WeightLayout.Dense => DenseFormat.Pack(matrix, isConvolution: false),
                WeightLayout.Csr => CsrFormat.Pack(matrix),
                _ => sliced.Pack(),
            },
            layout,
            reason);
    }

    /// <param name="matrix">The layer.</param>
    /// <param name="outputPixels">Pixels of an output plane.</param>
    /// <param name="options">Lanes, and formats asked for.</param>
    public static FormatChoice ForConvolution(WeightMatrix matrix, int outputPixels, PackOptions options)
    {
        FormatCosts costs = FormatCosts.ForLanes(options.Lanes);
        double vectors = Math.Ceiling((double)outputPixels / options.Lanes);
        double dense = costs.ConvolutionDenseProduct * matrix.Weight.ElementCount * vectors;
        double csr = costs.ConvolutionCsrProduct * matrix.Weight.NonZeroCount * vectors;
        (WeightLayout layout, string reason) = Choose(
            matrix.Layer, options, [(WeightLayout.Csr, csr), (WeightLayout.Dense, dense)]);
        return new FormatChoice(
            layout == WeightLayout.Dense ? DenseFormat.Pack(matrix, isConvolution: true) : CsrFormat.Pack(matrix), layout, reason);
    }

    private static (WeightLayout Layout, string Reason) Choose(
        string layer, PackOptions options, ReadOnlySpan<(WeightLayout Layout, double Nanoseconds)> candidates)
    {
        List<string> predictions = [];
        (WeightLayout Layout, double Nanoseconds) best = candidates[0];
        bool asked = options.Formats.TryGetValue(layer, out WeightLayout wanted);
        bool possible = false;
        foreach ((WeightLayout layout, double nanoseconds) in candidates)
        {
            predictions.Add($"{layout} {(nanoseconds / 1000).ToString("0.##", CultureInfo.InvariantCulture)} µs");
            best = nanoseconds < best.Nanoseconds ? (layout, nanoseconds) : best;
            possible |= layout == wanted;
        }

        string predicted = string.Join(", ", predictions);
        if (!asked)
        {
            return (best.Layout, $"predicted {predicted}");
        }

        return possible
            ? (wanted, $"asked for; predicted {predicted}")
            : throw new PackingException($"layer '{layer}' cannot be packed as {wanted}: that format is for fully connected layers");
    }
}
