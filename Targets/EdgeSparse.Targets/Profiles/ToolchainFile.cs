using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeSparse.Targets.Profiles;

/// <summary>Reads <c>toolchain.json</c>; comments and trailing commas are allowed, unknown keys are not.</summary>
public static class ToolchainFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        AllowTrailingCommas = true,
        NumberHandling = JsonNumberHandling.Strict,
        ReadCommentHandling = JsonCommentHandling.Skip,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    private static readonly ImmutableArray<string> InstructionSets =
        ["x86-64-v2", "x86-64-v3", "x86-64-v4", "armv8-a", "armv8.1-a", "armv8.2-a", "armv8.3-a", "armv8.4-a", "armv8.5-a", "armv8.6-a", "dotprod", "lse", "rcpc", "rdma"];

    /// <summary>The file that is shipped beside the program.</summary>
    public static string DefaultPath => Path.Combine(AppContext.BaseDirectory, "toolchain.json");

    /// <exception cref="TargetsException">The file cannot be read, or is wrong; the message names the place and what is allowed.</exception>
    public static Toolchain Read(string? path = null)
    {
        string file = path ?? DefaultPath;
        try
        {
            return Parse(File.ReadAllBytes(file), file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot read the targets from '{file}': {error.Message}", error);
        }
    }

    /// <exception cref="TargetsException">As for <see cref="Read"/>.</exception>
    public static Toolchain Parse(ReadOnlySpan<byte> utf8, string displayName)
    {
        Toolchain toolchain;
        try
        {
            toolchain = JsonSerializer.Deserialize<Toolchain>(utf8, Options)
                ?? throw new TargetsException($"{displayName}(1,1): found null where an object with buildTools, platforms and targets is needed");
        }
        catch (JsonException error)
        {
            // The serializer's message ends with its own form of the place, counted from 0.
            int end = error.Message.IndexOf(" Path:", StringComparison.Ordinal);
            string message = end < 0 ? error.Message : error.Message[..end];
            throw new TargetsException($"{displayName}({error.LineNumber + 1},{error.BytePositionInLine + 1}): at {error.Path}: {message}", error);
        }

        if (FirstFault(toolchain) is { } fault)
        {
            throw new TargetsException($"{displayName}: {fault}");
        }

        return toolchain;
    }

    private static string? FirstFault(Toolchain toolchain)
    {
        HashSet<string> ids = [Toolchain.HostId];
        HashSet<string> rids = [];
        foreach (Platform platform in toolchain.Platforms)
        {
            if (!rids.Add(platform.Rid))
            {
                return $"the platform '{platform.Rid}' stands there twice";
            }
        }

        foreach (RequiredTool tool in toolchain.BuildTools.Concat(toolchain.Platforms.SelectMany(p => p.CrossTools)))
        {
            if (tool.Command is null == tool.File is null || tool.Package is null == tool.Advice is null)
            {
                return $"the tool '{tool.Command ?? tool.File}' needs either 'command' or 'file', and either 'package' or 'advice'";
            }
        }

        return toolchain.Targets.IsEmpty ? "there is no target" : toolchain.Targets.Select(t => FaultOf(t, ids, rids)).FirstOrDefault(f => f is not null);
    }

    private static string? FaultOf(TargetProfile target, HashSet<string> ids, HashSet<string> rids)
    {
        if (!ids.Add(target.Id))
        {
            return $"the target '{target.Id}' stands there twice, or has a reserved name";
        }

        if (!rids.Contains(target.Rid))
        {
            return $"the target '{target.Id}' has the rid '{target.Rid}', for which there is no platform; allowed: {string.Join(", ", rids.Order())}";
        }

        if (target.VectorLanes is not (4 or 8 or 16))
        {
            return $"the target '{target.Id}' has {target.VectorLanes} vectorLanes; allowed: 4, 8, 16";
        }

        string? unknown = target.InstructionSet.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(i => !InstructionSets.Contains(i));
        return unknown is null
            ? null
            : $"the target '{target.Id}' has the instruction set '{unknown}'; allowed: {string.Join(", ", InstructionSets)}";
    }
}
