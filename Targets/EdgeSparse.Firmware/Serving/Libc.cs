using System.Runtime.InteropServices;

namespace EdgeSparse.Firmware.Serving;

/// <summary>An entry of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Descriptor;
    public short Wanted;
    public short Found;
}

/// <summary>
/// The system calls that serving needs. System.Net.Sockets, with its thread pool and asynchronous engine, would add more to the
/// executable than all kernels together.
/// </summary>
internal static partial class Libc
{
    public const int UnixFamily = 1;
    public const int Inet = 2;
    public const int Inet6 = 10;
    public const short Readable = 0x001;
    public const short Writable = 0x004;

    /// <summary>Error, hang-up or no descriptor, which poll(2) always reports.</summary>
    public const short Broken = 0x008 | 0x010 | 0x020;

    public const int Interrupted = 4;
    public const int Again = 11;
    public const int AddressInUse = 98;

    /// <summary>SOCK_STREAM | SOCK_CLOEXEC.</summary>
    public const int Stream = 1 | CloseOnExec;
    public const int CloseOnExec = 0x80000;
    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;
    public const uint WrittenAndClosed = 0x008;
    public const uint MovedIn = 0x080;

    /// <summary>inotify(7): more events than the kernel keeps.</summary>
    public const uint Overflow = 0x4000;

    /// <summary>inotify(7): the folder is gone, or its file system.</summary>
    public const uint Gone = 0x8000;

    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;

    /// <exception cref="IOException">With the system's reason after <paramref name="what"/>.</exception>
    public static int Require(int result, string what) =>
        result >= 0 ? result : throw new IOException($"{what}: {Marshal.GetLastPInvokeErrorMessage()}");

    /// <summary>Lets a server start again while connections of the one before it are still closing.</summary>
    public static void AllowReuse(int descriptor)
    {
        int on = 1;
        Require(SetSocketOption(descriptor, SocketLevel, ReuseAddress, in on, sizeof(int)), "cannot set up a socket");
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int descriptor, nint address, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, Span<byte> bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, ReadOnlySpan<byte> bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, Span<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nuint count);

    /// <summary>Another descriptor of the same, which, unlike the first, stays open when another program takes over the process.</summary>
    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    public static partial int Duplicate(int descriptor);

    /// <summary>Has another program take over the process; returns only when that failed.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its name, its arguments, then null.</param>
    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Execute(string path, string?[] arguments);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<PollEntry> entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(Span<int> descriptors, int flags);

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    public static partial int NotifyInit(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NotifyAdd(int descriptor, string path, uint events);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int descriptor, int level, int name, in int value, int length);
}
