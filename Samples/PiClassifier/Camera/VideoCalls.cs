using System.Runtime.InteropServices;

namespace PiClassifier.Camera;

/// <summary>System calls on a V4L2 device.</summary>
internal static unsafe partial class VideoCalls
{
    /// <summary>V4L2_BUF_TYPE_VIDEO_CAPTURE.</summary>
    public const uint Capture = 1;

    /// <summary>V4L2_MEMORY_MMAP.</summary>
    public const uint Mapped = 1;

    /// <summary>V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING.</summary>
    public const uint CapturesStreams = 0x0000_0001 | 0x0400_0000;

    /// <summary>V4L2_CAP_DEVICE_CAPS: the device's own capabilities stand in a field of their own.</summary>
    public const uint HasDeviceCapabilities = 0x8000_0000;

    /// <summary>O_RDWR | O_NONBLOCK | O_CLOEXEC.</summary>
    public const int OpenFlags = 2 | 0x800 | 0x80000;

    public const int Again = 11;
    public const int Interrupted = 4;
    public const short Readable = 1;

    /// <summary>POLLERR | POLLHUP | POLLNVAL.</summary>
    public const short Broken = 0x008 | 0x010 | 0x020;

    public static readonly uint QueryCapability = Request(Read, 0, sizeof(VideoCapability));
    public static readonly uint SetFormat = Request(Read | Write, 5, sizeof(VideoFormat));
    public static readonly uint RequestBuffers = Request(Read | Write, 8, sizeof(VideoRequestBuffers));
    public static readonly uint QueryBuffer = Request(Read | Write, 9, sizeof(VideoBuffer));
    public static readonly uint Enqueue = Request(Read | Write, 15, sizeof(VideoBuffer));
    public static readonly uint Dequeue = Request(Read | Write, 17, sizeof(VideoBuffer));
    public static readonly uint StreamOn = Request(Write, 18, sizeof(int));

    private const uint Write = 1;
    private const uint Read = 2;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollEntry entry, nuint count, int milliseconds);

    /// <summary>_IOC of asm-generic/ioctl.h for the letter V: direction, size of the argument, letter, number.</summary>
    internal static uint Request(uint direction, uint number, int size) => (direction << 30) | ((uint)size << 16) | ((uint)'V' << 8) | number;

    /// <summary>An entry of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }
}
