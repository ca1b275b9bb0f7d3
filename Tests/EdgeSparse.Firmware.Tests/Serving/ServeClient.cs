using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeSparse.Firmware.Tests.Serving;

/// <summary>A client of docs/protocol.md, written from that page.</summary>
internal sealed class ServeClient : IDisposable
{
    public const byte Run = 1;
    public const byte State = 2;
    public const byte Outputs = 0x81;
    public const byte StateText = 0x82;
    public const byte Error = 0xFF;

    private readonly Socket socket;

    public ServeClient(string path)
    {
        socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000, SendTimeout = 20_000 };
        socket.Connect(new UnixDomainSocketEndPoint(path));
    }

    public ServeClient(int port)
    {
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000, SendTimeout = 20_000 };
        socket.Connect("127.0.0.1", port);
    }

    /// <summary>Sends a frame and takes the answer.</summary>
    public (byte Kind, byte[] Payload) Ask(byte kind, ReadOnlySpan<byte> payload)
    {
        Send(kind, payload);
        return Receive();
    }

    public float[] Infer(params float[] inputs)
    {
        (byte kind, byte[] payload) = Ask(Run, MemoryMarshal.AsBytes(inputs.AsSpan()));
        Assert.True(kind == Outputs, Encoding.UTF8.GetString(payload));
        return MemoryMarshal.Cast<byte, float>(payload).ToArray();
    }

    public string AskState()
    {
        (byte kind, byte[] payload) = Ask(State, []);
        Assert.Equal(StateText, kind);
        return Encoding.UTF8.GetString(payload);
    }

    public string AskForError(byte kind, ReadOnlySpan<byte> payload)
    {
        (byte answered, byte[] text) = Ask(kind, payload);
        Assert.Equal(Error, answered);
        return Encoding.UTF8.GetString(text);
    }

    public void Send(byte kind, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[5 + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 1 + payload.Length);
        frame[4] = kind;
        payload.CopyTo(frame.AsSpan(5));
        SendBytes(frame);
    }

    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    public (byte Kind, byte[] Payload) Receive()
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(ReceiveBytes(4));
        byte[] frame = ReceiveBytes(length);
        return (frame[0], frame[1..]);
    }

    /// <summary>Whether the server has closed the connection.</summary>
    public bool IsClosed() => socket.Receive(new byte[1]) == 0;

    public void Dispose() => socket.Dispose();

    private byte[] ReceiveBytes(int count)
    {
        byte[] bytes = new byte[count];
        for (int received = 0; received < count;)
        {
            int got = socket.Receive(bytes.AsSpan(received));
            Assert.True(got > 0, "the server closed the connection");
            received += got;
        }

        return bytes;
    }
}
