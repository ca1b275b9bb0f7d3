using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>What the target's profile says that a blob for it must keep to.</summary>
public sealed record DeviceLimits
{
    /// <summary>Nothing.</summary>
    public static DeviceLimits None { get; } = new();

    /// <summary>Weight formats that may be chosen; null for all.</summary>
    public ImmutableSortedSet<WeightLayout>? Formats { get; init; }

    /// <summary>Memory of the device in bytes; null where it is not known.</summary>
    public long? MemoryBytes { get; init; }

    /// <param name="formats">Names of weight formats; null for all.</param>
    /// <param name="memoryBytes">See <see cref="MemoryBytes"/>.</param>
    /// <exception cref="PackingException">A name is none of a format.</exception>
    public static DeviceLimits Of(IEnumerable<string>? formats, long? memoryBytes) =>
        new() { Formats = formats?.Select(WeightLayouts.Parse).ToImmutableSortedSet(), MemoryBytes = memoryBytes };

    /// <summary>Refuses a blob that the device has no memory for: its bytes are mapped, its activations lie beside them.</summary>
    /// <exception cref="EdgeSparseException">They are more than the device's memory.</exception>
    internal void Require(PackedModel packed, string target)
    {
        if (MemoryBytes is not { } memory)
        {
            return;
        }

        using Model model = Model.FromBytes(packed.Bytes.Span);
        if (model.BlobBytes + model.ArenaBytes > memory)
        {
            throw new EdgeSparseException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{target}' has {Megabytes(memory)} MiB of memory; this network needs {Megabytes(model.BlobBytes)} for its blob and {Megabytes(model.ArenaBytes)} for activations: prune more, or choose a larger target; nothing was written"));
        }
    }

    private static string Megabytes(long bytes) => (bytes / (double)(1 << 20)).ToString("0.##", CultureInfo.InvariantCulture);
}
