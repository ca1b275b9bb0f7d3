using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeSparse.Firmware.Serving;

/// <summary>Kinds of frames of docs/protocol.md.</summary>
internal enum FrameKind : byte
{
    Run = 0x01,
    State = 0x02,
    Outputs = 0x81,
    StateText = 0x82,
    Error = 0xFF,
}

/// <summary>A client on a socket: frames of a length, a kind and a payload.</summary>
internal sealed class FramedConnection(ServedModel model, int descriptor) : Connection(descriptor, descriptor, isSocket: true)
{
    public const int LengthBytes = sizeof(uint);

    protected override int LargestRequest => LengthBytes + LargestLength;

    /// <summary>Of what follows the length: a kind and all inputs.</summary>
    private int LargestLength => 1 + checked(sizeof(float) * InputElements);

    private int InputElements => model.InputElements;

    /// <summary>An error as a frame.</summary>
    public static byte[] ErrorFrame(string message) => Frame(FrameKind.Error, Encoding.UTF8.GetBytes(message));

    public static byte[] Frame(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[LengthBytes + 1 + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 1 + payload.Length);
        frame[LengthBytes] = (byte)kind;
        payload.CopyTo(frame.AsSpan(LengthBytes + 1));
        return frame;
    }

    protected override bool IsWhole(ReadOnlySpan<byte> bytes, bool isEnd) =>
        bytes.Length >= LengthBytes && BinaryPrimitives.ReadUInt32LittleEndian(bytes) is var length
        && (length > (uint)LargestLength || (uint)(bytes.Length - LengthBytes) >= length);

    protected override int Take(ReadOnlySpan<byte> bytes)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length > (uint)LargestLength)
        {
            // Its end is far away or never comes: the connection cannot go on behind it.
            Refuse($"the request has {length} bytes; this model's largest has {LargestLength}: the connection is closed");
            CloseAfterAnswer();
            return bytes.Length;
        }

        ReadOnlySpan<byte> frame = bytes.Slice(LengthBytes, (int)length);
        if (frame.IsEmpty)
        {
            Refuse("the request is empty; its first byte is 1 to run the model, 2 for the server's state");
        }
        else if (frame[0] == (byte)FrameKind.Run)
        {
            Run(frame[1..]);
        }
        else if (frame[0] == (byte)FrameKind.State && frame.Length == 1)
        {
            Answer(Frame(FrameKind.StateText, Encoding.UTF8.GetBytes(model.State())));
        }
        else
        {
            Refuse($"the request has the kind {frame[0]} and {frame.Length - 1} bytes; possible are 1 with the inputs, and 2 without any");
        }

        return LengthBytes + (int)length;
    }

    private void Run(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(float) * InputElements)
        {
            Refuse($"the inputs have {payload.Length} bytes; this model takes {sizeof(float) * InputElements}, {InputElements} numbers of 4 bytes");
            return;
        }

        // Frames lie at any address; numbers must not.
        float[] numbers = new float[InputElements];
        payload.CopyTo(MemoryMarshal.AsBytes(numbers.AsSpan()));
        model.Run(numbers);
        float[] outputs = new float[model.OutputElements];
        int filled = 0;
        for (int o = 0; o < model.Model.Outputs.Count; o++)
        {
            int count = model.Model.Outputs[o].ElementCount;
            model.Session.GetOutput(o, outputs.AsSpan(filled, count));
            filled += count;
        }

        Answer(Frame(FrameKind.Outputs, MemoryMarshal.AsBytes(outputs.AsSpan())));
    }

    private void Refuse(string message)
    {
        model.Errors++;
        Answer(ErrorFrame(message));
    }
}
