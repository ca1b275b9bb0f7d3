using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace EdgeSparse.Targets.Profiles;

/// <summary>A user's own file over the shipped one: what it names is changed field by field or added, what it does not name stays.</summary>
internal sealed record ToolchainOverlay
{
    /// <summary>For editors; not read.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>In place of the shipped ones.</summary>
    public ImmutableArray<RequiredTool>? BuildTools { get; init; }

    /// <summary>Each in place of the shipped one of its rid, or added.</summary>
    public ImmutableArray<Platform> Platforms { get; init; } = [];

    public ImmutableArray<TargetOverlay> Targets { get; init; } = [];

    /// <exception cref="TargetsException">A new target lacks a field.</exception>
    public Toolchain Over(Toolchain shipped, string displayName)
    {
        List<Platform> platforms = [.. shipped.Platforms];
        foreach (Platform platform in Platforms)
        {
            Put(platforms, platform, p => p.Rid == platform.Rid);
        }

        List<TargetProfile> targets = [.. shipped.Targets];
        foreach (TargetOverlay target in Targets)
        {
            Put(targets, target.Over(targets.Find(t => t.Id == target.Id), displayName), t => t.Id == target.Id);
        }

        return new Toolchain { BuildTools = BuildTools ?? shipped.BuildTools, Platforms = [.. platforms], Targets = [.. targets] };
    }

    private static void Put<T>(List<T> items, T item, Predicate<T> same)
    {
        int place = items.FindIndex(same);
        if (place < 0)
        {
            items.Add(item);
        }
        else
        {
            items[place] = item;
        }
    }
}

/// <summary>A target in a user's file: all fields of a new one, or those that differ of one that is shipped.</summary>
internal sealed record TargetOverlay
{
    public required string Id { get; init; }

    public string? Description { get; init; }

    public string? Rid { get; init; }

    public string? InstructionSet { get; init; }

    public int? VectorLanes { get; init; }

    public int? Cores { get; init; }

    public int? MemoryMegabytes { get; init; }

    public ImmutableArray<string>? Formats { get; init; }

    public string? Meter { get; init; }

    public ImmutableSortedDictionary<string, string>? PublishProperties { get; init; }

    public TargetProfile Over(TargetProfile? shipped, string displayName)
    {
        return new TargetProfile
        {
            Id = Id,
            Description = Description ?? shipped?.Description ?? throw Missing("description"),
            Rid = Rid ?? shipped?.Rid ?? throw Missing("rid"),
            InstructionSet = InstructionSet ?? shipped?.InstructionSet ?? throw Missing("instructionSet"),
            VectorLanes = VectorLanes ?? shipped?.VectorLanes ?? throw Missing("vectorLanes"),
            Cores = Cores ?? shipped?.Cores,
            MemoryMegabytes = MemoryMegabytes ?? shipped?.MemoryMegabytes,
            Formats = Formats ?? shipped?.Formats,
            Meter = Meter ?? shipped?.Meter,
            PublishProperties = PublishProperties ?? shipped?.PublishProperties ?? ImmutableSortedDictionary<string, string>.Empty,
        };

        TargetsException Missing(string field) => new($"{displayName}: the target '{Id}' is a new one and needs '{field}'");
    }
}
