using System.Collections.Immutable;
using System.Text.Json;
using EdgeSparse.Compiler.Files;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// What one step of each format's kernel costs, in nanoseconds of one core: the table that formats are chosen by. It can be kept
/// as JSON for each target.
/// </summary>
public sealed record KernelCosts
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Floats of the vectors that the table was measured with.</summary>
    public required int Lanes { get; init; }

    /// <summary>Convolutions: a stored weight, zeros of blocks included, times one slot of <see cref="Lanes"/> pixels; by format.</summary>
    public required ImmutableSortedDictionary<string, double> ConvolutionWeight { get; init; }

    /// <summary>
    /// Convolutions: starting a row (or row of blocks) of a chunk and storing its sums, for each slot.
    /// </summary>
    public required double ConvolutionRow { get; init; }

    /// <summary>Fully connected layers: a stored weight, zeros and padding included; by format.</summary>
    public required ImmutableSortedDictionary<string, double> LinearWeight { get; init; }

    /// <summary>Fully connected: starting a row, and adding up the lanes of its sum.</summary>
    public required double LinearRow { get; init; }

    /// <summary>SlicedEll: a slice's three loops, and guessing their lengths wrong.</summary>
    public required double SlicedEllSlice { get; init; }

    /// <summary>SlicedEll: storing a row.</summary>
    public required double SlicedEllRow { get; init; }

    /// <summary>The costs built in for vectors of 16, 8 or 4 floats.</summary>
    /// <remarks>
    /// The fully connected ones are fitted to the runtime's kernels on one Zen 4 core, with AVX-512, AVX2 and 128-bit vectors;
    /// the 128-bit SlicedEll kernel collects its inputs one by one, so that its weights cost more than CSR's. Those of
    /// convolutions come from prototypes on that core: 80 GFLOP/s for CSR, 105 to 110 for blocks and dense, 75 for N:M, 50 for
    /// depthwise, with 16 lanes.
    /// </remarks>
    /// <exception cref="PackingException">No such vectors.</exception>
    public static KernelCosts ForLanes(int lanes) => lanes switch
    {
        16 => Scaled(16, slot: 1, product: 0.043, ell: 0.05),
        8 => Scaled(8, slot: 0.55, product: 0.043, ell: 0.0825),
        4 => Scaled(4, slot: 0.35, product: 0.057, ell: 0.45),
        _ => throw new PackingException($"vectors of {lanes} floats are not supported; {string.Join(", ", PackOptions.SupportedLanes)} are"),
    };

    /// <exception cref="PackingException">The file is missing or no such table; the message says what is wrong.</exception>
    public static KernelCosts Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<KernelCosts>(stream, Json)
                ?? throw new PackingException($"the cost table {path} is empty");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new PackingException($"the cost table {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes the table as JSON, whole or not at all.</summary>
    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Json));

    internal double ConvolutionWeightOf(WeightLayout layout) => Of(ConvolutionWeight, layout, nameof(ConvolutionWeight));

    internal double LinearWeightOf(WeightLayout layout) => Of(LinearWeight, layout, nameof(LinearWeight));

    private static double Of(ImmutableSortedDictionary<string, double> costs, WeightLayout layout, string part) =>
        costs.TryGetValue(WeightLayouts.NameOf(layout), out double cost)
            ? cost
            : throw new PackingException($"the cost table has no '{WeightLayouts.NameOf(layout)}' in {JsonNamingPolicy.CamelCase.ConvertName(part)}");

    private static KernelCosts Scaled(int lanes, double slot, double product, double ell) => new()
    {
        Lanes = lanes,
        ConvolutionWeight = Table(
            (WeightLayout.Dense, 0.305 * slot),
            (WeightLayout.Csr, 0.4 * slot),
            (WeightLayout.CsrDelta8, 0.42 * slot),
            (WeightLayout.Bsr1x4, 0.37 * slot),
            (WeightLayout.Bsr4x1, 0.305 * slot),
            (WeightLayout.Bsr8x1, 0.29 * slot),
            (WeightLayout.Bsr16x1, 0.29 * slot),
            (WeightLayout.Bsr4x4, 0.295 * slot),
            (WeightLayout.TwoOfFour, 0.427 * slot),
            (WeightLayout.FourOfEight, 0.427 * slot),
            (WeightLayout.Depthwise, 0.64 * slot)),
        ConvolutionRow = 0.75 * slot,
        LinearWeight = Table(
            (WeightLayout.Dense, product),
            (WeightLayout.Csr, 0.3),
            (WeightLayout.SlicedEll, ell),
            (WeightLayout.Bsr4x1, 0.2),
            (WeightLayout.Bsr8x1, 0.11),
            (WeightLayout.Bsr16x1, 0.08),
            (WeightLayout.TwoOfFour, 0.32),
            (WeightLayout.FourOfEight, 0.32)),
        LinearRow = 2,
        SlicedEllSlice = 12,
        SlicedEllRow = 0.5,
    };

    private static ImmutableSortedDictionary<string, double> Table(params ReadOnlySpan<(WeightLayout Layout, double Cost)> costs)
    {
        var table = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach ((WeightLayout layout, double cost) in costs)
        {
            table[WeightLayouts.NameOf(layout)] = Math.Round(cost, 4);
        }

        return table.ToImmutable();
    }
}
