using System.Collections.Immutable;

namespace EdgeSparse.Targets.Profiles;

/// <summary>The devices that can be packed and published for; see <see cref="ToolchainFile"/>.</summary>
public sealed record Toolchain
{
    /// <summary>The id that stands for the best profile of the processor that asks.</summary>
    public const string HostId = "host";

    public required ImmutableArray<RequiredTool> BuildTools { get; init; }

    public required ImmutableArray<Platform> Platforms { get; init; }

    public required ImmutableArray<TargetProfile> Targets { get; init; }

    public IEnumerable<string> TargetIds => Targets.Select(t => t.Id).Append(HostId);

    /// <summary>The profile of that id; <c>host</c> is resolved for <paramref name="host"/>.</summary>
    /// <exception cref="TargetsException">There is no such target; the message lists those that are.</exception>
    public TargetProfile Find(string id, HostProcessor? host = null) =>
        id == HostId
            ? BestFor(host ?? HostProcessor.Current)
            : Targets.FirstOrDefault(t => t.Id == id)
                ?? throw new TargetsException($"there is no target '{id}'; there are {string.Join(", ", TargetIds)}");

    public Platform PlatformOf(TargetProfile target) => Platforms.First(p => p.Rid == target.Rid);

    /// <summary>What publishing for the target needs on a machine of runtime identifier <paramref name="buildRid"/>.</summary>
    public IEnumerable<RequiredTool> ToolsFor(TargetProfile target, string buildRid) =>
        target.Rid == buildRid ? BuildTools : BuildTools.Concat(PlatformOf(target).CrossTools);

    /// <summary>MSBuild properties of the publish besides the instruction set.</summary>
    public ImmutableSortedDictionary<string, string> PropertiesFor(TargetProfile target, string buildRid) =>
        target.Rid == buildRid ? target.PublishProperties : PlatformOf(target).CrossProperties.SetItems(target.PublishProperties);

    /// <summary>The profile with the widest vectors among those that the processor can run; the first where several are equal.</summary>
    private TargetProfile BestFor(HostProcessor host) =>
        Targets.Where(t => t.Rid == host.Rid && host.Supports(t.InstructionSet)).MaxBy(t => t.VectorLanes)
        ?? throw new TargetsException(
            $"no target fits this machine ({host.Rid}, {string.Join(" ", host.InstructionSets)}); name one: {string.Join(", ", Targets.Select(t => t.Id))}");
}
