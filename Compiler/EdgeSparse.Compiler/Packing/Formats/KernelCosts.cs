using System.Collections.Immutable;
using System.Text.Json;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// What each format's kernels cost, by the format's name: what formats are chosen by. A <see cref="CostTable"/> keeps them for
/// each target.
/// </summary>
public sealed record KernelCosts
{
    private static readonly Lazy<CostTable> BuiltIn = new(CostTable.BuiltIn);

    /// <summary>Every format but those for fully connected layers alone, sliced-ell and csc.</summary>
    public required ImmutableSortedDictionary<string, FormatCost> Convolution { get; init; }

    /// <summary>
    /// Formats of fully connected layers; a row of sliced-ell is a slice, one of csc a column of a band, its weights those of inputs that
    /// are not zero. Tables from before csc lack it, and do not choose it.
    /// </summary>
    public required ImmutableSortedDictionary<string, FormatCost> Linear { get; init; }

    /// <summary>Formats that <see cref="Convolution"/> has.</summary>
    internal static IEnumerable<string> ConvolutionFormats =>
        WeightLayouts.Names.Except([WeightLayouts.NameOf(WeightLayout.SlicedEll), WeightLayouts.NameOf(WeightLayout.Csc)]);

    /// <summary>Formats that <see cref="Linear"/> has.</summary>
    internal static IEnumerable<string> LinearFormats => WeightLayouts.Names.Except(
        from layout in (WeightLayout[])[WeightLayout.CsrDelta8, WeightLayout.Depthwise]
        select WeightLayouts.NameOf(layout));

    /// <summary>Whether a table may lack the format.</summary>
    internal static bool IsOptional(string format) => format == WeightLayouts.NameOf(WeightLayout.Csc);

    /// <summary>Whether there are costs for the format of fully connected layers.</summary>
    internal bool HasLinear(WeightLayout layout) => Linear.ContainsKey(WeightLayouts.NameOf(layout));

    /// <summary>The costs built in for vectors of 16, 8 or 4 floats.</summary>
    /// <exception cref="PackingException">No such vectors.</exception>
    public static KernelCosts ForLanes(int lanes) =>
        BuiltIn.Value.Targets.FirstOrDefault(t => t.Lanes == lanes)?.Costs
        ?? throw new PackingException($"vectors of {lanes} floats are not supported; {string.Join(", ", PackOptions.SupportedLanes)} are");

    /// <summary>The nanoseconds of one run of a layer.</summary>
    /// <exception cref="PackingException">There are no costs for the format.</exception>
    internal double Nanoseconds(bool isConvolution, WeightLayout layout, WorkCount work)
    {
        string name = WeightLayouts.NameOf(layout);
        return (isConvolution ? Convolution : Linear).TryGetValue(name, out FormatCost? cost)
            ? cost.Nanoseconds(work)
            : throw new PackingException(
                $"the cost table has no '{name}' in {JsonNamingPolicy.CamelCase.ConvertName(isConvolution ? nameof(Convolution) : nameof(Linear))}");
    }
}
