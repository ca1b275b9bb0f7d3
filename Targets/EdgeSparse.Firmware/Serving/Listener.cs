using System.Runtime.InteropServices;

namespace EdgeSparse.Firmware.Serving;

/// <summary>A socket that accepts connections. A Unix socket's file is removed at the end.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 64;

    private readonly ServeAddress address;
    private readonly bool inherited;

    /// <param name="address">Where to listen.</param>
    /// <param name="inherited">The descriptor on which the program before this one in the process listened there; null for none.</param>
    /// <exception cref="IOException">The address is in use by a server that answers, or cannot be had.</exception>
    public Listener(ServeAddress address, int? inherited)
    {
        this.address = address;
        if (inherited is { } descriptor)
        {
            (Descriptor, this.inherited) = (descriptor, true);
            return;
        }

        Descriptor = Libc.Require(Libc.Socket(address.Family, Libc.Stream, 0), "cannot make a socket");
        try
        {
            Bind();
            Libc.Require(Libc.Listen(Descriptor, Backlog), $"cannot listen on {address.Text}");
        }
        catch
        {
            _ = Libc.Close(Descriptor);
            throw;
        }
    }

    public int Descriptor { get; }

    /// <summary>A descriptor that the program after this one in the process can go on with.</summary>
    public int ForSuccessor() => inherited ? Descriptor : Libc.Require(Libc.Duplicate(Descriptor), "cannot pass on a socket");

    /// <summary>The next connection, or −1 where it is already gone again.</summary>
    public int Accept() => Libc.Accept(Descriptor, 0, 0, Libc.CloseOnExec);

    public void Dispose()
    {
        _ = Libc.Close(Descriptor);
        if (address.Path is { } path)
        {
            File.Delete(path);
        }
    }

    private void Bind()
    {
        if (address.Path is null)
        {
            Libc.AllowReuse(Descriptor);
        }

        int result = Libc.Bind(Descriptor, address.Bytes, address.Bytes.Length);
        if (result < 0 && Marshal.GetLastPInvokeError() == Libc.AddressInUse && address.Path is { } path)
        {
            if (Answers())
            {
                throw new IOException($"cannot listen on {address.Text}: a server listens there, or it is a file");
            }

            // The file of a server that was killed: nobody listens on it.
            File.Delete(path);
            result = Libc.Bind(Descriptor, address.Bytes, address.Bytes.Length);
        }

        Libc.Require(result, $"cannot listen on {address.Text}");
    }

    /// <summary>Whether a server listens there. A file is no socket, and not ours to delete.</summary>
    private bool Answers()
    {
        const int refused = 111;
        int client = Libc.Require(Libc.Socket(address.Family, Libc.Stream, 0), "cannot make a socket");
        bool nobody = Libc.Connect(client, address.Bytes, address.Bytes.Length) < 0 && Marshal.GetLastPInvokeError() == refused;
        _ = Libc.Close(client);
        return !nobody || IsFile(address.Path!);
    }

    /// <summary>Sockets cannot be opened.</summary>
    private static bool IsFile(string path)
    {
        try
        {
            File.OpenHandle(path).Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
