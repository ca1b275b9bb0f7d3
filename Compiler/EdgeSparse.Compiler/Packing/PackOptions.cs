using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What a blob is packed for. The same graph and the same options give the same bytes.</summary>
public sealed record PackOptions
{
    /// <summary>Floats in a vector of AVX-512, AVX2 and of AdvSimd or SSE.</summary>
    public static readonly ImmutableArray<int> SupportedLanes = [16, 8, 4];

    /// <summary>The target's name in reports and metadata, for example <c>linux-x64</c>; it does not change the bytes otherwise.</summary>
    public string TargetId { get; init; } = "linux-x64";

    /// <summary>
    /// Floats in the vectors that the target's kernels use, one of <see cref="SupportedLanes"/>: 16 for AVX-512, 8 for AVX2,
    /// 4 for AdvSimd. It shapes activations and weights; a blob for other lanes still runs, more slowly.
    /// </summary>
    public int Lanes { get; init; } = 8;

    /// <summary>
    /// Formats that these layers must get, by layer name, instead of what <see cref="Costs"/> would choose.
    /// </summary>
    public ImmutableSortedDictionary<string, WeightLayout> Formats { get; init; } =
        ImmutableSortedDictionary.Create<string, WeightLayout>(StringComparer.Ordinal);

    /// <summary>Formats that layers without one of their own in <see cref="Formats"/> may get; null for all.</summary>
    public ImmutableSortedSet<WeightLayout>? AllowedFormats { get; init; }

    /// <summary>What the target's kernels cost, which formats are chosen by; null for the costs built in for its lanes.</summary>
    public KernelCosts? Costs { get; init; }

    /// <summary>
    /// How many inputs of fully connected layers are not zero, by the layer's name; see <see cref="InputSampling"/>. Layers without an
    /// entry are taken to read no zeros.
    /// </summary>
    public ImmutableDictionary<string, NonZeroInputs> NonZeroInputs { get; init; } = ImmutableDictionary<string, NonZeroInputs>.Empty;

    /// <summary>Chooses formats by measured times where it can; null to choose by costs alone.</summary>
    internal LayerTuner? Tuner { get; init; }

    /// <summary>
    /// Where the network comes from; written into the blob's metadata under <c>provenance</c>, keys sorted. The usual keys are
    /// in <see cref="ProvenanceKeys"/>. Times and paths do not belong here: they would make equal blobs differ.
    /// </summary>
    public ImmutableSortedDictionary<string, JsonNode?> Provenance { get; init; } =
        ImmutableSortedDictionary.Create<string, JsonNode?>(StringComparer.Ordinal);

    /// <summary>Whether a layer may get that format where nothing asks for one.</summary>
    internal bool Allows(WeightLayout layout) => AllowedFormats?.Contains(layout) ?? true;

    /// <summary>This record with one more entry of provenance.</summary>
    public PackOptions WithProvenance(string key, JsonNode? value) => this with { Provenance = Provenance.SetItem(key, value) };
}

/// <summary>Keys of <see cref="PackOptions.Provenance"/> that reports look for.</summary>
public static class ProvenanceKeys
{
    /// <summary>Name of the zoo model or file name (without folders) of the ONNX model.</summary>
    public const string SourceModel = "sourceModel";

    /// <summary><c>sha256:…</c> of the source model's bytes.</summary>
    public const string SourceDigest = "sourceDigest";

    /// <summary>The recipe's text, after overrides.</summary>
    public const string Recipe = "recipe";

    /// <summary><c>sha256:…</c> of the recipe's text.</summary>
    public const string RecipeDigest = "recipeDigest";

    public const string Dataset = "dataset";

    public const string Seed = "seed";

    /// <summary>Error on the test set before pruning, a fraction.</summary>
    public const string DenseError = "denseError";

    /// <summary>Error on the test set of what is packed, a fraction.</summary>
    public const string SparseError = "sparseError";
}
