using System.Runtime.InteropServices;

namespace EdgeSparse.Firmware.Serving;

/// <summary>Signals as something that poll(2) waits for: SIGTERM and SIGINT ask to end, SIGHUP to look for another model.</summary>
internal sealed class WakeUp : IDisposable
{
    private readonly int[] pipe = new int[2];
    private readonly PosixSignalRegistration[] registrations;
    private volatile bool stop;

    public WakeUp()
    {
        Libc.Require(Libc.Pipe(pipe, Libc.CloseOnExec), "cannot make a pipe");
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Wake),
        ];
    }

    /// <summary>Readable after a signal.</summary>
    public int Descriptor => pipe[0];

    public bool StopAsked => stop;

    /// <summary>Makes <see cref="Descriptor"/> wait for the next signal.</summary>
    public void Clear()
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = Libc.Read(pipe[0], bytes, (nuint)bytes.Length);
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
        {
            registration.Dispose();
        }

        _ = Libc.Close(pipe[0]);
        _ = Libc.Close(pipe[1]);
    }

    private void Stop(PosixSignalContext signal)
    {
        stop = true;
        Wake(signal);
    }

    private void Wake(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _ = Libc.Write(pipe[1], "!"u8, 1);
    }
}
