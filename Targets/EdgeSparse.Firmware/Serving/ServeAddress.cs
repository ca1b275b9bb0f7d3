using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace EdgeSparse.Firmware.Serving;

/// <summary>Where a server listens: a Unix socket, a TCP port, or standard input and output.</summary>
/// <param name="Text">As given.</param>
/// <param name="Family">Of the socket; 0 for standard input and output.</param>
/// <param name="Bytes">The socket address as bind(2) takes it.</param>
/// <param name="Path">The file of a Unix socket, else null.</param>
internal sealed record ServeAddress(string Text, int Family, byte[] Bytes, string? Path)
{
    private const int LongestPath = 107;

    public bool IsStandardStreams => Family == 0;

    /// <exception cref="UsageException">The text is no address.</exception>
    public static ServeAddress Parse(string text) =>
        text == "-" ? new ServeAddress(text, 0, [], null)
        : text.StartsWith("unix:", StringComparison.Ordinal) ? Unix(text, text[5..])
        : text.StartsWith("tcp:", StringComparison.Ordinal) ? Tcp(text, text[4..])
        : throw Wrong(text);

    private static ServeAddress Unix(string text, string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length is 0 or > LongestPath)
        {
            throw new UsageException($"'{text}': the path of a Unix socket has 1 to {LongestPath} bytes");
        }

        return new ServeAddress(text, Libc.UnixFamily, [Libc.UnixFamily, 0, .. name, 0], path);
    }

    private static ServeAddress Tcp(string text, string place)
    {
        int colon = place.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(place[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            throw Wrong(text);
        }

        byte[] bytes;
        string host = place[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            if (host != "[::1]" && host != "[::]")
            {
                throw new UsageException($"'{text}': of IPv6, [::1] (this machine alone) and [::] (everybody) are possible");
            }

            bytes = new byte[28];
            bytes[0] = Libc.Inet6;
            bytes[23] = (byte)(host == "[::1]" ? 1 : 0);
        }
        else
        {
            bytes = new byte[16];
            bytes[0] = Libc.Inet;
            WriteIPv4(host == "localhost" ? "127.0.0.1" : host, bytes.AsSpan(4, 4), text);
        }

        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), port);
        return new ServeAddress(text, bytes[0], bytes, null);
    }

    private static void WriteIPv4(string host, Span<byte> bytes, string text)
    {
        string[] parts = host.Split('.');
        bool valid = parts.Length == 4;
        for (int i = 0; valid && i < 4; i++)
        {
            valid = byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]);
        }

        if (!valid)
        {
            throw Wrong(text);
        }
    }

    private static UsageException Wrong(string text) =>
        new($"'{text}' is no address; possible are unix:PATH, tcp:127.0.0.1:PORT (or another address of this machine in numbers) and - for standard input");
}
