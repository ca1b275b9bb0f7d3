using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What was measured of one layer.</summary>
/// <param name="Digest">See <see cref="LayerDigest"/>.</param>
/// <param name="Operation"><c>convolution</c> or <c>linear</c>.</param>
/// <param name="Shape">Of the weight: outputs, inputs a group, and for a convolution kernel rows and columns.</param>
/// <param name="Slots">Vectors of a channel's output; 1 for fully connected layers.</param>
/// <param name="Density">The share of weights that are not zero, 0 to 1.</param>
/// <param name="Formats">The candidates measured, in turns with one another.</param>
public sealed record LayerMeasurements(
    string Digest, string Operation, ImmutableArray<int> Shape, int Slots, double Density, ImmutableArray<FormatMeasurement> Formats)
{
    internal const string Convolution = "convolution";
    internal const string Linear = "linear";

    /// <summary>The microseconds of all candidates, or null when one was not measured.</summary>
    internal IReadOnlyList<double>? TimesOf(IReadOnlyList<FormatCandidate> candidates)
    {
        List<double> times = [];
        foreach (FormatCandidate candidate in candidates)
        {
            FormatMeasurement? known = Formats.FirstOrDefault(f => f.Format == WeightLayouts.NameOf(candidate.Layout) && f.Chunks == candidate.Chunks);
            if (known is null)
            {
                return null;
            }

            times.Add(known.Microseconds);
        }

        return times;
    }
}

/// <summary>The time of one candidate.</summary>
/// <param name="Format">The format's name.</param>
/// <param name="Chunks">Parts of the input channels.</param>
/// <param name="IsPlanned">Whether the packer cuts so many chunks where it does not measure; costs are fitted to those.</param>
/// <param name="Weights">Stored weights times slots: the unit of <see cref="FormatCost.Weight"/>.</param>
/// <param name="Rows">Rows times chunks times slots: the unit of <see cref="FormatCost.Row"/>.</param>
/// <param name="Microseconds">Median of a run.</param>
public sealed record FormatMeasurement(string Format, int Chunks, bool IsPlanned, double Weights, double Rows, double Microseconds);
