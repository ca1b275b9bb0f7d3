using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A cost table's part for one target on one processor.</summary>
public sealed record TargetCosts
{
    /// <summary>Id of the target profile.</summary>
    public required string Target { get; init; }

    /// <summary>Floats of the vectors that blobs are packed for.</summary>
    public required int Lanes { get; init; }

    /// <summary>What the kernels used: <c>avx512</c>, <c>avx2</c>, <c>vector128</c>.</summary>
    public required string InstructionSet { get; init; }

    /// <summary>The processor's name, as the system gives it.</summary>
    public required string Processor { get; init; }

    /// <summary>EdgeSparse's version; another version's kernels are measured anew.</summary>
    public required string Version { get; init; }

    /// <summary>Fitted to <see cref="Layers"/>.</summary>
    public required KernelCosts Costs { get; init; }

    /// <summary>What was measured, in the order of digests.</summary>
    public required ImmutableArray<LayerMeasurements> Layers { get; init; }

    [JsonIgnore]
    internal MeasuringMachine Machine => new(InstructionSet, Processor);

    internal bool IsOf(string targetId, int lanes, MeasuringMachine machine) =>
        Target == targetId && Lanes == lanes && Machine == machine;
}

/// <summary>What measured times depend on besides the target.</summary>
/// <param name="InstructionSet">What the kernels use: <c>avx512</c>, <c>avx2</c>, <c>vector128</c>.</param>
/// <param name="Processor">The processor's name, as the system gives it.</param>
public sealed record MeasuringMachine(string InstructionSet, string Processor);
