using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace EdgeSparse.Targets.Profiles;

/// <summary>A device, or a family of them, as <c>toolchain.json</c> describes it.</summary>
public sealed record TargetProfile
{
    /// <summary>For example <c>rpi4</c>.</summary>
    public required string Id { get; init; }

    public required string Description { get; init; }

    /// <summary>.NET runtime identifier, for example <c>linux-arm64</c>.</summary>
    public required string Rid { get; init; }

    /// <summary>NativeAOT's IlcInstructionSet, for example <c>x86-64-v3</c> or <c>armv8.2-a,dotprod</c>.</summary>
    public required string InstructionSet { get; init; }

    /// <summary>fp32 numbers that the packer lays side by side: 4, 8 or 16.</summary>
    public required int VectorLanes { get; init; }

    /// <summary>Processor cores, of a family those of its least device; null where devices differ too much to say.</summary>
    public int? Cores { get; init; }

    /// <summary>Memory in MiB, of a family that of its least device; null where devices differ too much to say.</summary>
    public int? MemoryMegabytes { get; init; }

    /// <summary>Names of the weight formats that the packer may choose, for example <c>csr</c>; null for all.</summary>
    public ImmutableArray<string>? Formats { get; init; }

    /// <summary>What measures the device's power where nobody names another meter, for example <c>rapl</c>; null for none.</summary>
    public string? Meter { get; init; }

    /// <summary><see cref="MemoryMegabytes"/> in bytes.</summary>
    [JsonIgnore]
    public long? MemoryBytes => MemoryMegabytes is { } megabytes ? megabytes * (1L << 20) : null;

    /// <summary>Further MSBuild properties of the publish.</summary>
    public ImmutableSortedDictionary<string, string> PublishProperties { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>What building for a runtime identifier needs on a machine of another one.</summary>
public sealed record Platform
{
    public required string Rid { get; init; }

    public required ImmutableArray<RequiredTool> CrossTools { get; init; }

    public required ImmutableSortedDictionary<string, string> CrossProperties { get; init; }
}

/// <summary>A command on PATH, or a file, with the Debian package that brings it or advice where there is none.</summary>
public sealed record RequiredTool
{
    public string? Command { get; init; }

    public string? File { get; init; }

    public string? Package { get; init; }

    public string? Advice { get; init; }
}
