using System.Net;
using System.Net.Sockets;

namespace EdgeSparse.Firmware.Tests.Deploying;

/// <summary>Passes connections on to a port, and cuts each off after so many bytes in either direction.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int target;
    private readonly long limit;
    private long passed;

    public CuttingProxy(int target, long limit)
    {
        this.target = target;
        this.limit = limit;
        listener.Start();
        _ = AcceptAll();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Bytes passed on, both directions together.</summary>
    public long Passed => Interlocked.Read(ref passed);

    public void Dispose() => listener.Dispose();

    private async Task AcceptAll()
    {
        try
        {
            while (true)
            {
                Socket client = await listener.AcceptSocketAsync();
                Socket server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, target);
                _ = Pump(client, server);
                _ = Pump(server, client);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Pump(Socket from, Socket to)
    {
        byte[] bytes = new byte[16384];
        try
        {
            while (true)
            {
                int count = await from.ReceiveAsync(bytes);
                long before = Interlocked.Add(ref passed, count) - count;
                int allowed = (int)Math.Clamp(limit - before, 0, count);
                await to.SendAsync(bytes.AsMemory(0, allowed));
                if (count == 0 || allowed < count)
                {
                    break;
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The other direction was cut first.
        }

        from.Dispose();
        to.Dispose();
    }
}
