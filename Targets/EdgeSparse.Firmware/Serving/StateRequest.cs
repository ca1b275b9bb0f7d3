using System.Buffers.Binary;
using System.Text;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware.Serving;

/// <summary>Asks a server of this machine for its state, as a health check does.</summary>
internal static class StateRequest
{
    private const int LargestAnswer = 1 << 20;
    private const int TimeoutMilliseconds = 10_000;

    /// <returns>JSON.</returns>
    /// <exception cref="IOException">Nobody answers there.</exception>
    /// <exception cref="EdgeSparseException">What answers is no server of this kind.</exception>
    public static string Ask(ServeAddress address)
    {
        if (address.IsStandardStreams)
        {
            throw new UsageException("--ask needs the address of a socket");
        }

        int descriptor = Libc.Require(Libc.Socket(address.Family, Libc.Stream, 0), "cannot make a socket");
        try
        {
            Libc.Require(Libc.Connect(descriptor, address.Bytes, address.Bytes.Length), $"no server answers on {address.Text}");
            byte[] request = FramedConnection.Frame(FrameKind.State, []);
            Libc.Require((int)Libc.Send(descriptor, request, (nuint)request.Length, Libc.NoSignal), $"no server answers on {address.Text}");
            int length = BinaryPrimitives.ReadInt32LittleEndian(Receive(descriptor, FramedConnection.LengthBytes, address));
            if (length is < 1 or > LargestAnswer)
            {
                throw new EdgeSparseException($"what answers on {address.Text} is no server of models");
            }

            byte[] answer = Receive(descriptor, length, address);
            string text = Encoding.UTF8.GetString(answer.AsSpan(1));
            return answer[0] == (byte)FrameKind.StateText ? text : throw new EdgeSparseException($"the server on {address.Text} says: {text}");
        }
        finally
        {
            _ = Libc.Close(descriptor);
        }
    }

    private static byte[] Receive(int descriptor, int count, ServeAddress address)
    {
        byte[] bytes = new byte[count];
        int received = 0;
        while (received < count)
        {
            PollEntry[] wait = [new PollEntry { Descriptor = descriptor, Wanted = Libc.Readable }];
            if (Libc.Require(Libc.Poll(wait, 1, TimeoutMilliseconds), "cannot wait for an answer") == 0)
            {
                throw new EdgeSparseException($"the server on {address.Text} did not answer in {TimeoutMilliseconds / 1000} s");
            }

            Span<byte> free = bytes.AsSpan(received);
            int got = Libc.Require((int)Libc.Receive(descriptor, free, (nuint)free.Length, 0), $"the server on {address.Text} is gone");
            received += got > 0 ? got : throw new EdgeSparseException($"the server on {address.Text} closed the connection");
        }

        return bytes;
    }
}
