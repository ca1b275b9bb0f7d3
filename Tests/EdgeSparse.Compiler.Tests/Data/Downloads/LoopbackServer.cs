using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeSparse.Compiler.Tests.Data.Downloads;

/// <summary>An HTTP server on 127.0.0.1 that misbehaves as it is told.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    public LoopbackServer()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public ConcurrentDictionary<string, byte[]> Files { get; } = [];

    /// <summary>Requests that came, as <c>/path</c> or <c>/path from 123</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>After how many bytes of a body to hang up, answer by answer; none left: never.</summary>
    public ConcurrentQueue<int> Cuts { get; } = [];

    /// <summary>Status codes to answer with in place of the file; none left: the file.</summary>
    public ConcurrentQueue<int> Errors { get; } = [];

    public bool KnowsRanges { get; set; } = true;

    /// <summary>Sends the head and then nothing.</summary>
    public bool Stalls { get; set; }

    public string Url(string file) => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/{file}";

    public void Dispose()
    {
        stop.Cancel();
        listener.Stop();
        serving.Wait();
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                await AnswerAsync(client.GetStream());
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or IOException)
            {
                // The client hung up, or the test is over.
                continue;
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
        // A client that gave up before it asked has closed the connection: there is no first line then.
        string request = await reader.ReadLineAsync(stop.Token) ?? throw new IOException("the client hung up before its request");
        string path = request.Split(' ')[1];
        int start = 0;
        while (await reader.ReadLineAsync(stop.Token) is { Length: > 0 } line)
        {
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
            {
                start = int.Parse(line["Range: bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            }
        }

        Requests.Enqueue(start > 0 ? $"{path} from {start}" : path);
        if (Errors.TryDequeue(out int code) || !Files.ContainsKey(path[1..]))
        {
            await SendAsync(stream, $"HTTP/1.1 {(code > 0 ? code : 404)} Sorry\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", []);
            return;
        }

        byte[] body = Files[path[1..]];
        bool part = start > 0 && KnowsRanges;
        if (part && start >= body.Length)
        {
            await SendAsync(stream, $"HTTP/1.1 416 No\r\nContent-Range: bytes */{body.Length}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", []);
            return;
        }

        byte[] rest = part ? body[start..] : body;
        string head = part
            ? $"HTTP/1.1 206 Partial\r\nContent-Range: bytes {start}-{body.Length - 1}/{body.Length}\r\n"
            : "HTTP/1.1 200 OK\r\n";
        byte[] sent = Stalls ? [] : Cuts.TryDequeue(out int cut) ? rest[..Math.Min(cut, rest.Length)] : rest;
        await SendAsync(stream, $"{head}Content-Length: {rest.Length}\r\nConnection: close\r\n\r\n", sent);
        if (Stalls)
        {
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
    }

    private async Task SendAsync(NetworkStream stream, string head, byte[] body)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop.Token);
        await stream.WriteAsync(body, stop.Token);
    }
}
