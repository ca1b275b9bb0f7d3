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

    private const int MostCores = 1024;
    private const int LeastMegabytes = 8;
    private const int MostMegabytes = 1 << 24;

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

    /// <summary>The shipped file with a user's own over it.</summary>
    /// <param name="path">The user's file.</param>
    /// <exception cref="TargetsException">As for <see cref="Read"/>, of either file or of both together.</exception>
    public static Toolchain ReadOver(string path)
    {
        try
        {
            return ParseOver(Read(), File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot read the targets from '{path}': {error.Message}", error);
        }
    }

    /// <exception cref="TargetsException">As for <see cref="Read"/>.</exception>
    public static Toolchain Parse(ReadOnlySpan<byte> utf8, string displayName) => Checked(Deserialize<Toolchain>(utf8, displayName), displayName);

    /// <exception cref="TargetsException">As for <see cref="Read"/>.</exception>
    internal static Toolchain ParseOver(Toolchain shipped, ReadOnlySpan<byte> utf8, string displayName) =>
        Checked(Deserialize<ToolchainOverlay>(utf8, displayName).Over(shipped, displayName), displayName);

    private static T Deserialize<T>(ReadOnlySpan<byte> utf8, string displayName)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(utf8, Options)
                ?? throw new TargetsException($"{displayName}(1,1): found null where an object with buildTools, platforms and targets is needed");
        }
        catch (JsonException error)
        {
            // The serializer's message ends with its own form of the place, counted from 0.
            int end = error.Message.IndexOf(" Path:", StringComparison.Ordinal);
            string message = end < 0 ? error.Message : error.Message[..end];
            throw new TargetsException($"{displayName}({error.LineNumber + 1},{error.BytePositionInLine + 1}): at {error.Path}: {message}", error);
        }
    }

    private static Toolchain Checked(Toolchain toolchain, string displayName)
    {
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

        if (target.Cores is < 1 or > MostCores)
        {
            return $"the target '{target.Id}' has {target.Cores} cores; allowed: 1 to {MostCores}";
        }

        if (target.MemoryMegabytes is < LeastMegabytes or > MostMegabytes)
        {
            return $"the target '{target.Id}' has {target.MemoryMegabytes} memoryMegabytes; allowed: {LeastMegabytes} to {MostMegabytes}";
        }

        if (target.Formats is { } formats && (formats.IsEmpty || formats.Distinct().Count() < formats.Length))
        {
            return $"the target '{target.Id}' has formats without a name in them, or with one twice; leave them out to allow all";
        }

        string[] sets = target.InstructionSet.Split(',', StringSplitOptions.TrimEntries);
        string? unknown = sets.FirstOrDefault(i => !InstructionSets.Contains(i));
        return unknown is null
            ? Contradiction(target, sets)
            : $"the target '{target.Id}' has the instruction set '{unknown}'; allowed: {string.Join(", ", InstructionSets)}";
    }

    /// <summary>Fields that are right alone and wrong together.</summary>
    private static string? Contradiction(TargetProfile target, string[] sets)
    {
        bool isX64 = target.Rid.EndsWith("-x64", StringComparison.Ordinal);
        if (sets.FirstOrDefault(s => s.StartsWith("x86-", StringComparison.Ordinal) != isX64) is { } foreign)
        {
            return $"the target '{target.Id}' has the rid '{target.Rid}' and the instruction set '{foreign}', which is another processor's";
        }

        int most = sets.Contains("x86-64-v4") ? 16 : sets.Contains("x86-64-v3") ? 8 : 4;
        return target.VectorLanes <= most
            ? null
            : $"the target '{target.Id}' has {target.VectorLanes} vectorLanes, but vectors of '{target.InstructionSet}' hold {most} numbers";
    }
}
