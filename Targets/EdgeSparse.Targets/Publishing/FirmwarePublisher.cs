using System.Collections.Immutable;
using EdgeSparse.Runtime;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Targets.Publishing;

/// <summary>What a publish leaves in its folder.</summary>
/// <param name="Executable">Path of <c>edgesparse-run</c>.</param>
/// <param name="ExecutableBytes">Its size.</param>
/// <param name="Blob">Path of the blob beside it, where one was given.</param>
public sealed record PublishedFirmware(TargetProfile Target, string Executable, long ExecutableBytes, string? Blob)
{
    /// <summary>What can be deployed; null where no blob was given.</summary>
    public DeployableFolder? Deployable { get; init; }
}

/// <summary>Whom devices are to trust.</summary>
public sealed record PublishTrust
{
    /// <summary>Signs the folder's manifest; null to leave it unsigned.</summary>
    public SigningKey? Signer { get; init; }

    /// <summary>Baked into the executable, which then runs models of this key's owner alone; null for none.</summary>
    public PublicKey? Trusted { get; init; }

    /// <summary>See <see cref="DeviceManifest.Order"/>; null for the time of the blob's last change.</summary>
    public long? Order { get; init; }
}

/// <summary>Builds the device executable for a target with NativeAOT and puts it into a folder, with a blob beside it.</summary>
/// <param name="toolchain">Where tools and properties of the target stand.</param>
/// <param name="sources">What to build from, and where.</param>
public sealed class FirmwarePublisher(Toolchain toolchain, SourceTree sources)
{
    public const string ExecutableName = "edgesparse-run";

    /// <summary>Looks for the compilers and linkers that publishing for the target needs on this machine.</summary>
    /// <exception cref="TargetsException">Something is missing; the message has the command that installs it.</exception>
    public void RequireTools(TargetProfile target) =>
        RequiredTools.Check(target, toolchain.ToolsFor(target, HostProcessor.Current.Rid), Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <summary>Takes some 15 s, more the first time, when the native compiler's package is restored.</summary>
    /// <param name="target">Built for it.</param>
    /// <param name="folder">Created when absent; other files in it are left alone.</param>
    /// <param name="blob">Copied into the folder when given, which then gets a manifest and can be deployed.</param>
    /// <param name="trust">Who signs the folder, and whose models the executable takes.</param>
    /// <param name="onLine">Gets the build's output line by line.</param>
    /// <exception cref="TargetsException">Tools are missing, the build failed, the folder cannot be written, the blob is missing or too large for the target.</exception>
    /// <exception cref="EdgeSparseException">The blob is none.</exception>
    public PublishedFirmware Publish(
        TargetProfile target, string folder, string? blob = null, PublishTrust? trust = null, Action<string>? onLine = null,
        CancellationToken cancellation = default)
    {
        RequireTools(target);
        if (blob is not null && !File.Exists(blob))
        {
            throw new TargetsException($"there is no blob '{blob}' to publish");
        }

        if (blob is not null)
        {
            RequireMemory(target, blob);
        }

        ProcessResult result = ProcessRunner.Run(PublishCommand(target, HostProcessor.Current.Rid, trust?.Trusted), onLine, cancellation);
        if (result.ExitCode != 0)
        {
            string reason = result.Output.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal))?.Trim() ?? result.Error.Trim();
            throw new TargetsException($"publishing for '{target.Id}' failed: {reason}");
        }

        return PutInto(folder, target, blob, trust ?? new PublishTrust());
    }

    /// <summary>The <c>dotnet publish</c> that is run. Each target has intermediate files of its own, so that publishes may overlap.</summary>
    /// <param name="target">Built for it.</param>
    /// <param name="buildRid">Runtime identifier of the machine that builds.</param>
    /// <param name="trusted">Baked in when given.</param>
    internal ProcessRequest PublishCommand(TargetProfile target, string buildRid, PublicKey? trusted = null)
    {
        ImmutableArray<string> arguments =
        [
            "publish", sources.FirmwareProject, "-nologo", "-v", "minimal", "-c", "Release", "-r", target.Rid,
            "-p:PublishAot=true",
            // They tell those who change the sources what to mend, and take a third of a publish's time; what trimming breaks, the native compiler says.
            "-p:RunAnalyzers=false",
            // A comma separates properties on MSBuild's command line.
            $"-p:IlcInstructionSet={target.InstructionSet.Replace(",", "%2C", StringComparison.Ordinal)}",
            $"-p:ArtifactsPath={ArtifactsOf(target)}",
            .. toolchain.PropertiesFor(target, buildRid).Select(p => $"-p:{p.Key}={p.Value.Replace(",", "%2C", StringComparison.Ordinal)}"),
            .. trusted is null ? Array.Empty<string>() : [$"-p:EdgeSparseTrustedKey={trusted.Base64}"],
        ];
        return new ProcessRequest("dotnet", arguments)
        {
            WorkingDirectory = sources.Root,
            Environment = ImmutableSortedDictionary<string, string?>.Empty
                .Add("DOTNET_NOLOGO", "1").Add("DOTNET_CLI_TELEMETRY_OPTOUT", "1").Add("MSBUILDDISABLENODEREUSE", "1"),
        };
    }

    /// <exception cref="EdgeSparseException">It is no blob, or the target has less memory than it and its activations take.</exception>
    internal static void RequireMemory(TargetProfile target, string blob)
    {
        using Model model = Model.Load(blob);
        if (target.MemoryBytes is { } memory && model.BlobBytes + model.ArenaBytes > memory)
        {
            throw new TargetsException(
                $"'{target.Id}' has {target.MemoryMegabytes} MiB of memory; '{blob}' needs {model.BlobBytes} bytes and {model.ArenaBytes} for activations: prune more, or choose a larger target");
        }
    }

    private string ArtifactsOf(TargetProfile target) => Path.Combine(sources.Artifacts, "firmware", target.Id);

    private PublishedFirmware PutInto(string folder, TargetProfile target, string? blob, PublishTrust trust)
    {
        string built = Path.Combine(ArtifactsOf(target), "publish", "EdgeSparse.Firmware", $"release_{target.Rid}", ExecutableName);
        try
        {
            Directory.CreateDirectory(folder);
            string executable = CopyInto(folder, built);
            PublishedFirmware firmware = new(target, executable, new FileInfo(executable).Length, blob is null ? null : CopyInto(folder, blob));
            return firmware.Blob is null
                ? firmware
                : firmware with { Deployable = DeployableFolder.Write(target, executable, firmware.Blob, trust.Order ?? OrderOf(blob!), trust.Signer) };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot write the firmware to '{folder}': {error.Message}", error);
        }
    }

    private static long OrderOf(string blob) => new DateTimeOffset(File.GetLastWriteTimeUtc(blob)).ToUnixTimeSeconds();

    private static string CopyInto(string folder, string file)
    {
        string destination = Path.Combine(folder, Path.GetFileName(file));
        if (Path.GetFullPath(destination) != Path.GetFullPath(file))
        {
            // Under another name first: a copy that stops half-way, or a program that is running, leaves the old file whole.
            string part = $"{destination}.{Environment.ProcessId}.part";
            try
            {
                File.Copy(file, part, overwrite: true);
                File.Move(part, destination, overwrite: true);
            }
            finally
            {
                File.Delete(part);
            }
        }

        return destination;
    }
}
