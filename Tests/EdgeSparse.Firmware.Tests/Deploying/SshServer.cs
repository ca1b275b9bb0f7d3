using System.Net;
using System.Net.Sockets;
using EdgeSparse.Targets.Deploying;
using EdgeSparse.Targets.Processes;

[assembly: AssemblyFixture(typeof(EdgeSparse.Firmware.Tests.Deploying.SshServer))]

namespace EdgeSparse.Firmware.Tests.Deploying;

/// <summary>
/// A real OpenSSH server on the loopback address, with keys and configuration of its own, as the user who runs the tests. What logs
/// in there is the "device": this machine, in folders of the tests.
/// </summary>
public sealed class SshServer : IDisposable
{
    private const string Program = "/usr/sbin/sshd";
    private const string PrivilegeFolder = "/run/sshd";

    private readonly BackgroundProcess? process;
    private readonly string skipReason = "";

    public SshServer()
    {
        if (!File.Exists(Program))
        {
            skipReason = "there is no OpenSSH server; run: sudo apt-get install -y openssh-server";
            return;
        }

        // A server of root's wants this folder, which the system's own service would have made.
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(PrivilegeFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        HostKey = NewKey("host");
        string client = NewKey("client");
        File.Copy(client + ".pub", Path.Combine(Folder, "authorized"));
        KnownHosts = Path.Combine(Folder, "known_hosts");
        Port = FreePort();
        File.WriteAllText(KnownHosts, $"[127.0.0.1]:* {PublicPart(HostKey)}\n");
        string configuration = Path.Combine(Folder, "sshd_config");
        File.WriteAllText(configuration, $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey {HostKey}
            PidFile none
            AuthorizedKeysFile {Path.Combine(Folder, "authorized")}
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            MaxStartups 100
            LogLevel ERROR

            """);
        Access = new SshAccess { Identity = client, KnownHostsPath = KnownHosts };
        process = new BackgroundProcess(Program, null, "-D", "-e", "-f", configuration);
        process.WaitUntil(Answers, "the SSH server does not start");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("edgesparse-ssh").FullName;

    public int Port { get; }

    /// <summary>Path of the server's private key; the public one is beside it.</summary>
    public string HostKey { get; } = "";

    public string KnownHosts { get; } = "";

    /// <summary>How to log in there.</summary>
    public SshAccess Access { get; } = new();

    /// <summary>The server's address; skips the calling test, with the reason, where there is no server.</summary>
    public HostAddress Host
    {
        get
        {
            Assert.SkipWhen(process is null, skipReason);
            return HostAt(Port);
        }
    }

    public static HostAddress HostAt(int port) => new(Environment.UserName, "127.0.0.1", port);

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Type and key of a public key file.</summary>
    public static string PublicPart(string key) => string.Join(' ', File.ReadAllText(key + ".pub").Split(' ').Take(2)).Trim();

    /// <returns>Path of the private key.</returns>
    public string NewKey(string name)
    {
        string path = Path.Combine(Folder, name);
        ProcessResult result = ProcessRunner.Run(new ProcessRequest("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return path;
    }

    public void Dispose()
    {
        process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private bool Answers()
    {
        try
        {
            using TcpClient client = new("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
