using System.Security.Cryptography;
using System.Text;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Targets.Deploying;

/// <summary>
/// Puts a model on a device over SSH: into the slot that is not in use, verified and tried there, then switched to in one step.
/// Whatever fails or is cut off, the device goes on with a whole, verified model.
/// </summary>
/// <param name="options">How.</param>
public sealed class Deployer(DeployOptions options)
{
    /// <summary>Beyond it, times in logs and the order of models by time mean nothing.</summary>
    public static readonly TimeSpan LargestClockError = TimeSpan.FromHours(24);

    /// <summary>Room beside the files themselves that a device's disk must have.</summary>
    private const long SpareBytes = 1 << 20;

    /// <summary>Deploys a folder to one host.</summary>
    /// <param name="folder">What to deploy; its files are as its manifest states.</param>
    /// <param name="host">The device.</param>
    /// <param name="cancellation">Ends the work on this side.</param>
    /// <exception cref="TargetsException">It was not deployed, or the device went back; the message says why, in one line.</exception>
    public DeployResult Deploy(DeployableFolder folder, HostAddress host, CancellationToken cancellation = default)
    {
        using RemoteShell shell = RemoteShell.Connect(host, options.Access);
        DeviceState state = Probe(shell, host);
        RequireMachine(folder.Manifest, state, host);
        RequireClock(state, host);
        if (state.Slot is { } slot && state.ManifestDigests.TryGetValue(slot, out string? digest) && digest == Digest(folder.ManifestBytes) && KeyIsInPlace(state))
        {
            RemoteResult check = shell.Run(DeviceScripts.Check(options.Root), "asking for its health", cancellation: cancellation);
            return check.ExitCode == 0
                ? new DeployResult(host.ToString(), slot, false, shell.TransferredBytes, check.Output.Trim())
                : throw new TargetsException($"{host}: this model is in place already, but does not answer: {check.Reason}");
        }

        PutKey(shell, state, host, cancellation);
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        Send(shell, folder, state, host, token, cancellation);
        string detail = Activate(shell, host, state.OtherSlot, token, folder.Manifest.Blob.Sha256, options.AllowDowngrade, cancellation);
        return new DeployResult(host.ToString(), state.OtherSlot, true, shell.TransferredBytes, detail);
    }

    /// <summary>Goes back to the model in the other slot, after verifying and trying it.</summary>
    /// <exception cref="TargetsException">There is none, or it is refused.</exception>
    public DeployResult Rollback(HostAddress host, CancellationToken cancellation = default)
    {
        using RemoteShell shell = RemoteShell.Connect(host, options.Access);
        DeviceState state = Probe(shell, host);
        if (state.Slot is null || !state.ManifestDigests.ContainsKey(state.OtherSlot))
        {
            throw new TargetsException($"{host}: there is no other model in '{options.Root}' to go back to");
        }

        string sha256 = Manifests(shell, host, cancellation)[state.OtherSlot].Blob.Sha256;
        string detail = Activate(shell, host, state.OtherSlot, null, sha256, mayBeOlder: true, cancellation);
        return new DeployResult(host.ToString(), state.OtherSlot, true, shell.TransferredBytes, detail);
    }

    /// <exception cref="TargetsException">The host cannot be asked.</exception>
    public DeviceStatus Status(HostAddress host, CancellationToken cancellation = default)
    {
        using RemoteShell shell = RemoteShell.Connect(host, options.Access);
        DeviceState state = Probe(shell, host);
        Dictionary<string, DeviceManifest> manifests = state.ManifestDigests.Count == 0 ? [] : Manifests(shell, host, cancellation);
        DeviceManifest? current = state.Slot is null ? null : manifests.GetValueOrDefault(state.Slot);
        RemoteResult? check = current is null ? null : shell.Run(DeviceScripts.Check(options.Root), "asking for its health", cancellation: cancellation);
        return new DeviceStatus(
            host.ToString(), state.Slot, current?.Blob.Name, current?.Order, current?.Target,
            manifests.GetValueOrDefault(state.OtherSlot) is { } other ? $"{other.Blob.Name}, order {other.Order}" : null,
            state.KeyDigest is not null, state.FreeBytes, (state.Clock - options.Clock.GetUtcNow()).TotalSeconds,
            check is null ? "nothing is deployed" : check.ExitCode == 0 ? check.Output.Trim() : check.Reason, check is { ExitCode: 0 });
    }

    private DeviceState Probe(RemoteShell shell, HostAddress host)
    {
        DeviceState state = DeviceState.Parse(shell.Run(DeviceScripts.Probe(options.Root), "looking around").Output, host);
        return state.Lacks is null ? state : throw new TargetsException($"{host}: the device lacks {state.Lacks}, which deploying needs (Debian packages util-linux, coreutils)");
    }

    private Dictionary<string, DeviceManifest> Manifests(RemoteShell shell, HostAddress host, CancellationToken cancellation) =>
        DeviceState.ParseManifests(shell.Run(DeviceScripts.Manifests(options.Root), "reading manifests", cancellation: cancellation).Output, host);

    /// <summary>What <c>uname -m</c> prints on machines of that runtime identifier.</summary>
    internal static string MachineOf(string rid) => rid.EndsWith("-arm64", StringComparison.Ordinal) ? "aarch64" : "x86_64";

    private static void RequireMachine(DeviceManifest manifest, DeviceState state, HostAddress host)
    {
        string needed = MachineOf(manifest.Rid);
        if (state.Machine != needed)
        {
            throw new TargetsException($"{host} is a {state.Machine} machine; '{manifest.Target}' is built for {needed}: publish for a target that fits it");
        }
    }

    private void RequireClock(DeviceState state, HostAddress host)
    {
        TimeSpan error = state.Clock - options.Clock.GetUtcNow();
        if (!options.AllowWrongClock && error.Duration() > LargestClockError)
        {
            throw new TargetsException(
                $"{host}: its clock says {state.Clock:yyyy-MM-dd HH:mm} UTC, this machine's {options.Clock.GetUtcNow():yyyy-MM-dd HH:mm}; set the wrong one (timedatectl set-ntp true), or pass --allow-wrong-clock");
        }
    }

    private bool KeyIsInPlace(DeviceState state) => options.Trust is null || state.KeyDigest == Digest(Encoding.ASCII.GetBytes(options.Trust.Pem));

    private void PutKey(RemoteShell shell, DeviceState state, HostAddress host, CancellationToken cancellation)
    {
        if (KeyIsInPlace(state))
        {
            return;
        }

        if (state.KeyDigest is not null)
        {
            throw new TargetsException($"{host} trusts another key than this one; to change it, replace '{options.Root}/trusted.pub' on the device");
        }

        using MemoryStream key = new(Encoding.ASCII.GetBytes(options.Trust!.Pem));
        RemoteResult result = shell.Run(DeviceScripts.ReceiveKey(options.Root), "sending the key", key, cancellation);
        if (result.ExitCode != 0)
        {
            throw new TargetsException($"{host}: the key could not be put in place: {result.Reason}");
        }
    }

    private void Send(RemoteShell shell, DeployableFolder folder, DeviceState state, HostAddress host, string token, CancellationToken cancellation)
    {
        RemoteResult prepared = shell.Run(
            DeviceScripts.Prepare(options.Root, state.OtherSlot, state.Current, token, folder.Manifest.Files.Select(f => (f.Name, f.Sha256))),
            "preparing a slot", cancellation: cancellation);
        RequireDone(prepared, host, "cannot prepare a slot");
        HashSet<string> needed = [.. prepared.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        long bytes = folder.Manifest.Files.Where(f => needed.Contains(f.Name)).Sum(f => f.Bytes);
        if (bytes + SpareBytes > state.FreeBytes)
        {
            throw new TargetsException($"{host}: the disk of '{options.Root}' has {state.FreeBytes} bytes left; this model needs {bytes + SpareBytes}");
        }

        foreach (ManifestFile file in folder.Manifest.Files.Where(f => needed.Contains(f.Name)))
        {
            using FileStream content = File.OpenRead(Path.Combine(folder.Folder, file.Name));
            SendFile(file.Name, content, file == folder.Manifest.Executable);
        }

        // The manifest comes last: without one, a slot is no model.
        if (folder.Signature is not null)
        {
            SendFile(DeviceManifest.SignatureName, new MemoryStream(folder.Signature), false);
        }

        SendFile(DeviceManifest.FileName, new MemoryStream(folder.ManifestBytes), false);

        void SendFile(string name, Stream content, bool executable)
        {
            string script = DeviceScripts.Receive(options.Root, state.OtherSlot, token, name, content.Length, executable);
            RequireDone(shell.Run(script, $"sending {name}", content, cancellation), host, $"{name} did not arrive");
        }
    }

    private string Activate(
        RemoteShell shell, HostAddress host, string slot, string? token, string blobSha256, bool mayBeOlder, CancellationToken cancellation)
    {
        RemoteResult result = shell.Run(
            DeviceScripts.Activate(options.Root, slot, token, blobSha256, mayBeOlder, options.HealthSeconds), "switching models", cancellation: cancellation);
        return result.ExitCode switch
        {
            0 => result.Output.Trim(),
            DeviceScripts.Refused => throw new TargetsException($"{host}: the model was refused, the one in use stays: {result.Reason}"),
            DeviceScripts.WentBack => throw new TargetsException($"{host}: the model did not come up, so the device went back to the one before: {result.Reason}"),
            _ => throw new TargetsException($"{host}: the model was not switched to: {result.Reason}"),
        };
    }

    private static void RequireDone(RemoteResult result, HostAddress host, string what)
    {
        if (result.ExitCode != 0)
        {
            throw new TargetsException($"{host}: {what}, and the model in use stays: {result.Reason}");
        }
    }

    /// <summary>As the probe prints it.</summary>
    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..DeviceScripts.DigestDigits];
}
