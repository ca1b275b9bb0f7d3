using System.Collections.Immutable;

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
