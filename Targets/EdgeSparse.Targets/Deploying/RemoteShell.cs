using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace EdgeSparse.Targets.Deploying;

/// <summary>How a command on a device ended.</summary>
internal sealed record RemoteResult(int ExitCode, string Output, string Error)
{
    /// <summary>The last line that tells something, for messages.</summary>
    public string Reason
    {
        get
        {
            string line = $"{Output}\n{Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit code {ExitCode}";
            return line.StartsWith("error: ", StringComparison.Ordinal) ? line["error: ".Length..] : line;
        }
    }
}

/// <summary>A connection to a device whose host key is known. Commands run in its POSIX shell, one after the other.</summary>
internal sealed class RemoteShell : IDisposable
{
    private readonly SshClient client;
    private readonly SshAccess access;
    private readonly HostAddress host;

    private RemoteShell(SshClient client, SshAccess access, HostAddress host)
    {
        this.client = client;
        this.access = access;
        this.host = host;
    }

    /// <summary>Bytes of commands and files sent, and of their output received, without what SSH itself adds.</summary>
    public long TransferredBytes { get; private set; }

    /// <exception cref="TargetsException">The host is unreachable, its key is unknown or has changed, or it does not let the user in.</exception>
    public static RemoteShell Connect(HostAddress host, SshAccess access)
    {
        KnownHosts known = access.KnownHostsPath == KnownHosts.DefaultPath
            ? KnownHosts.Read(access.KnownHostsPath, KnownHosts.SystemPath)
            : KnownHosts.Read(access.KnownHostsPath);
        ConnectionInfo connection = new(host.Host, host.Port, host.User, new PrivateKeyAuthenticationMethod(host.User, access.Keys())) { Timeout = access.ConnectTimeout };
        PreferKnownKeys(connection, known.KeyTypesOf(host));
        SshClient client = new(connection);
        string? distrust = null;
        client.HostKeyReceived += (_, key) =>
        {
            distrust = Distrust(known.StandingOf(host, key.HostKey), host, access, key);
            key.CanTrust = distrust is null;
        };
        try
        {
            client.Connect();
            return new RemoteShell(client, access, host);
        }
        catch (Exception error) when (error is SshException or SocketException or IOException or InvalidOperationException)
        {
            client.Dispose();
            throw new TargetsException(distrust ?? (error is SshAuthenticationException
                ? $"{host} does not let '{host.User}' in with these keys; add your public key to its ~/.ssh/authorized_keys (ssh-copy-id {host})"
                : $"{host} cannot be reached: {error.Message}"), error);
        }
    }

    /// <summary>Runs a script of the POSIX shell, whatever the user's own shell is.</summary>
    /// <param name="script">Its text.</param>
    /// <param name="input">What it gets as standard input; null for nothing.</param>
    /// <param name="stage">For the message when the connection is lost.</param>
    /// <param name="cancellation">Ends the wait; what runs on the device then goes on to its end.</param>
    /// <exception cref="TargetsException">The connection was lost, or the step took too long.</exception>
    public RemoteResult Run(string script, string stage, Stream? input = null, CancellationToken cancellation = default)
    {
        string text = $"exec sh -c {DeviceScripts.Quote(script)}";
        try
        {
            using SshCommand command = client.CreateCommand(text);
            command.CommandTimeout = access.StepTimeout;
            TransferredBytes += Encoding.UTF8.GetByteCount(text);
            Task running = command.ExecuteAsync(cancellation);
            if (input is not null)
            {
                TransferredBytes += input.Length;
                using Stream receiver = command.CreateInputStream();
                input.CopyTo(receiver);
            }

            running.GetAwaiter().GetResult();
            TransferredBytes += Encoding.UTF8.GetByteCount(command.Result) + Encoding.UTF8.GetByteCount(command.Error);
            return new RemoteResult(command.ExitStatus ?? -1, command.Result, command.Error);
        }
        catch (SshOperationTimeoutException error)
        {
            throw new TargetsException($"{host}: {stage} took longer than {access.StepTimeout.TotalMinutes:0.#} minutes", error);
        }
        catch (Exception error) when (error is SshException or SocketException or IOException or InvalidOperationException)
        {
            throw new TargetsException($"{host}: the connection was lost while {stage}; the model that ran there still runs: run this again", error);
        }
    }

    /// <summary>Runs a script that tidies up; a connection that is lost by then has an error of its own already.</summary>
    public void TryRun(string script)
    {
        try
        {
            Run(script, "tidying up");
        }
        catch (TargetsException)
        {
            // What is left on the device is removed when it is next measured.
        }
    }

    public void Dispose() => client.Dispose();

    /// <summary>A server with keys of several types would else show one that is not listed, and look like another host.</summary>
    private static void PreferKnownKeys(ConnectionInfo connection, IReadOnlySet<string> types)
    {
        if (types.Count == 0)
        {
            return;
        }

        string[] others = [.. connection.HostKeyAlgorithms.Keys.Where(a => !types.Contains(a.StartsWith("rsa-", StringComparison.Ordinal) ? "ssh-rsa" : a))];
        if (others.Length < connection.HostKeyAlgorithms.Count)
        {
            foreach (string algorithm in others)
            {
                connection.HostKeyAlgorithms.Remove(algorithm);
            }
        }
    }

    private static string? Distrust(HostKeyStanding standing, HostAddress host, SshAccess access, HostKeyEventArgs key)
    {
        string fingerprint = $"SHA256:{Convert.ToBase64String(SHA256.HashData(key.HostKey)).TrimEnd('=')}";
        switch (standing)
        {
            case HostKeyStanding.Known:
                return null;
            case HostKeyStanding.Revoked:
                return $"the key of {host} ({fingerprint}) is marked as revoked in the known hosts; nothing was sent";
            case HostKeyStanding.Changed:
                return $"the key of {host} has changed to {fingerprint}: it was set up anew, or somebody answers in its place; if you know why, run: ssh-keygen -R '{host.KnownAs}'";
            default:
                if (!access.AcceptNewHosts)
                {
                    return $"the key of {host} is not known ({fingerprint}); compare it with the device's own, then accept it with --accept-new-host-key";
                }

                Append(access.KnownHostsPath, KnownHosts.LineFor(host, TypeOf(key.HostKey), key.HostKey));
                return null;
        }
    }

    /// <summary>The type stands in front of the key itself, after its length (RFC 4253, section 6.6).</summary>
    private static string TypeOf(byte[] key) => Encoding.ASCII.GetString(key, 4, (key[2] << 8) | key[3]);

    private static void Append(string path, string line)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder) && !OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        // A file without a line end at its end would join the two lines.
        string before = File.Exists(path) && File.ReadAllText(path) is { Length: > 0 } text && !text.EndsWith('\n') ? "\n" : "";
        File.AppendAllText(path, $"{before}{line}\n");
    }
}
