using Renci.SshNet;
using Renci.SshNet.Common;

namespace EdgeSparse.Targets.Deploying;

/// <summary>How to log in on devices.</summary>
public sealed record SshAccess
{
    /// <summary>The user's usual keys, as OpenSSH names them.</summary>
    private static readonly string[] UsualKeys = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>A private key file; null for the usual ones in <c>~/.ssh</c>.</summary>
    public string? Identity { get; init; }

    /// <summary>File of host keys; the system's is read besides when this is the user's own.</summary>
    public string KnownHostsPath { get; init; } = KnownHosts.DefaultPath;

    /// <summary>Whether a host that is not listed is written into the file and trusted. One whose key has changed never is.</summary>
    public bool AcceptNewHosts { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Of one step on the device, the transfer of a file counted in.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <exception cref="TargetsException">A key is missing, or needs a passphrase.</exception>
    internal PrivateKeyFile[] Keys()
    {
        string folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        string[] files = Identity is not null ? [Identity] : [.. UsualKeys.Select(k => Path.Combine(folder, k)).Where(File.Exists)];
        if (files.Length == 0)
        {
            throw new TargetsException($"there is no SSH key in '{folder}' ({string.Join(", ", UsualKeys)}); make one with ssh-keygen, or name one with --identity");
        }

        return [.. files.Select(Read)];
    }

    private static PrivateKeyFile Read(string file)
    {
        try
        {
            return new PrivateKeyFile(file);
        }
        catch (SshPassPhraseNullOrEmptyException error)
        {
            throw new TargetsException($"the SSH key '{file}' has a passphrase, which cannot be asked for here; name a key without one with --identity", error);
        }
        catch (Exception error) when (error is SshException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TargetsException($"cannot read the SSH key '{file}': {error.Message}", error);
        }
    }
}
