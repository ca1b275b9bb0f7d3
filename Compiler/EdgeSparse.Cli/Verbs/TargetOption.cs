using System.CommandLine;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Targets.Profiles;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>--target ID</c>: a profile of toolchain.json, or <c>host</c>.</summary>
internal static class TargetOption
{
    public static Option<string?> Create(string description) => new("--target")
    {
        Description = description,
        HelpName = "ID",
    };

    /// <summary>The profile of an id, of this machine where there is none.</summary>
    /// <exception cref="Targets.TargetsException">There is no such target; the message lists those that are.</exception>
    public static TargetProfile Resolve(VerbContext context, string? id) => context.Toolchain.Find(id ?? Toolchain.HostId);

    /// <summary>What a blob for the target must keep to.</summary>
    public static DeviceLimits LimitsOf(TargetProfile profile) => DeviceLimits.Of(profile.Formats, profile.MemoryBytes);
}
