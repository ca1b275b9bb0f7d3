using System.Runtime.InteropServices;

namespace EdgeSparse.Firmware.Serving;

/// <summary>
/// A client: bytes received of it that are no whole request yet, and bytes of answers that it has not taken yet. Nothing more is
/// received while an answer waits, so that a client that does not read holds no memory but its own.
/// </summary>
internal abstract class Connection(int readFrom, int writeTo, bool isSocket) : IDisposable
{
    private const int SmallestBuffer = 4096;

    private byte[] received = [];
    private int receivedBytes;
    private byte[] answers = [];
    private int answered;
    private bool ended;
    private bool closing;

    public int ReadFrom => readFrom;

    public int WriteTo => writeTo;

    public bool AnswersWait => answered < answers.Length;

    /// <summary>Whether there is nothing left to do for this client.</summary>
    public bool IsDone => !AnswersWait && (closing || (ended && !HasRequest));

    /// <summary>Whether a whole request is here.</summary>
    public bool HasRequest => !closing && IsWhole(received.AsSpan(0, receivedBytes), ended);

    /// <summary>Whether more bytes are wanted of the client.</summary>
    public bool Listens => !AnswersWait && !ended && !closing && !HasRequest;

    /// <summary>The most bytes that a request of the present model has; more are never kept.</summary>
    protected abstract int LargestRequest { get; }

    /// <summary>Takes what the client has sent so far.</summary>
    public void Receive()
    {
        if (receivedBytes == received.Length)
        {
            Array.Resize(ref received, Math.Min(Math.Max(SmallestBuffer, 2 * received.Length), Math.Max(SmallestBuffer, LargestRequest)));
        }

        Span<byte> free = received.AsSpan(receivedBytes);
        nint count = isSocket ? Libc.Receive(readFrom, free, (nuint)free.Length, Libc.DontWait) : Libc.Read(readFrom, free, (nuint)free.Length);
        if (count > 0)
        {
            receivedBytes += (int)count;
        }
        else if (count == 0)
        {
            ended = true;
        }
        else if (Marshal.GetLastPInvokeError() is not (Libc.Again or Libc.Interrupted))
        {
            Abandon();
        }
    }

    /// <summary>Answers one request, where a whole one is here.</summary>
    public void Serve()
    {
        if (HasRequest && !AnswersWait)
        {
            int taken = Take(received.AsSpan(0, receivedBytes));
            receivedBytes -= taken;
            received.AsSpan(taken, receivedBytes).CopyTo(received);
            Send();
        }
    }

    /// <summary>Sends as much of the answers as the client takes.</summary>
    public void Send()
    {
        while (AnswersWait)
        {
            ReadOnlySpan<byte> left = answers.AsSpan(answered);
            nint count = isSocket ? Libc.Send(writeTo, left, (nuint)left.Length, Libc.DontWait | Libc.NoSignal) : Libc.Write(writeTo, left, (nuint)left.Length);
            if (count >= 0)
            {
                answered += (int)count;
            }
            else
            {
                int error = Marshal.GetLastPInvokeError();
                if (error == Libc.Again)
                {
                    return;
                }

                if (error != Libc.Interrupted)
                {
                    Abandon();
                }
            }
        }

        (answers, answered) = ([], 0);
    }

    /// <summary>The client is gone: what it sent and what it was to get is of no use.</summary>
    public void Abandon()
    {
        closing = true;
        (answers, answered) = ([], 0);
    }

    public void Dispose()
    {
        if (isSocket)
        {
            _ = Libc.Close(readFrom);
        }
    }

    /// <summary>Whether the bytes begin with a whole request, or with what can be refused already.</summary>
    /// <param name="bytes">Received and not taken.</param>
    /// <param name="isEnd">Whether no more will come.</param>
    protected abstract bool IsWhole(ReadOnlySpan<byte> bytes, bool isEnd);

    /// <summary>Answers the first request.</summary>
    /// <returns>How many bytes it had.</returns>
    protected abstract int Take(ReadOnlySpan<byte> bytes);

    /// <summary>Queues the answer.</summary>
    protected void Answer(byte[] answer) => (answers, answered) = (answer, 0);

    /// <summary>After a request whose end cannot be found: the answer is the last one.</summary>
    protected void CloseAfterAnswer() => closing = true;
}
