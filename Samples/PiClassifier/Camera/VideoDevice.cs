using System.Runtime.InteropServices;
using EdgeSparse.Runtime;

namespace PiClassifier.Camera;

/// <summary>
/// A V4L2 camera (Linux media API, "Streaming I/O (Memory Mapping)") that gives frames as YUYV or grey, as USB cameras do. Every
/// capture is the latest frame: older ones that waited meanwhile are handed back unread.
/// </summary>
internal sealed unsafe class VideoDevice : IDisposable
{
    private const uint WantedWidth = 640;
    private const uint WantedHeight = 480;
    private const uint WantedBuffers = 4;
    private const int MostWaitMilliseconds = 5000;

    private readonly string path;
    private readonly int descriptor;
    private readonly List<(nint Address, nuint Length)> buffers = [];
    private VideoFormat format;

    private VideoDevice(string path, int descriptor)
    {
        this.path = path;
        this.descriptor = descriptor;
    }

    /// <exception cref="EdgeSparseException">There is no such device, it is no camera, or it gives frames of another kind.</exception>
    public static VideoDevice Open(string path)
    {
        int descriptor = VideoCalls.Open(path, VideoCalls.OpenFlags);
        if (descriptor < 0)
        {
            throw new EdgeSparseException($"cannot open the camera '{path}': {Marshal.GetLastPInvokeErrorMessage()}");
        }

        VideoDevice device = new(path, descriptor);
        try
        {
            device.RequireCamera();
            device.ChooseFormat();
            device.Start();
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <exception cref="EdgeSparseException">The camera gives no frame within five seconds, or is gone.</exception>
    public Picture Capture()
    {
        VideoBuffer latest = WaitForLatest();
        try
        {
            return ToPicture(latest);
        }
        finally
        {
            Require(VideoCalls.Enqueue, &latest, "cannot go on capturing");
        }
    }

    public void Dispose()
    {
        // Closing ends the stream; mapped buffers live until they are unmapped.
        foreach ((nint address, nuint length) in buffers)
        {
            _ = VideoCalls.Unmap(address, length);
        }

        buffers.Clear();
        _ = VideoCalls.Close(descriptor);
    }

    private Picture ToPicture(in VideoBuffer buffer)
    {
        (nint address, nuint length) = buffers[(int)buffer.Index];
        int width = (int)format.Width;
        int height = (int)format.Height;
        int stride = (int)format.BytesPerLine;
        long needed = ((long)(height - 1) * stride) + VideoPixels.RowBytes(format.PixelFormat, width);
        if (buffer.BytesUsed < needed || length < buffer.BytesUsed)
        {
            throw new EdgeSparseException($"the camera '{path}' gave {buffer.BytesUsed} bytes where a frame has {needed}");
        }

        return VideoPixels.ToPicture(format.PixelFormat, new ReadOnlySpan<byte>((void*)address, (int)buffer.BytesUsed), width, height, stride);
    }

    private void RequireCamera()
    {
        VideoCapability capability = default;
        if (VideoCalls.Control(descriptor, VideoCalls.QueryCapability, &capability) < 0)
        {
            throw new EdgeSparseException($"'{path}' is no camera: it knows nothing of V4L2");
        }

        uint own = (capability.Capabilities & VideoCalls.HasDeviceCapabilities) != 0 ? capability.DeviceCapabilities : capability.Capabilities;
        if ((own & VideoCalls.CapturesStreams) != VideoCalls.CapturesStreams)
        {
            throw new EdgeSparseException($"'{path}' captures no stream of pictures; a camera has several devices: try another /dev/video*");
        }
    }

    private void ChooseFormat()
    {
        foreach (uint wanted in (ReadOnlySpan<uint>)[VideoPixels.Yuyv, VideoPixels.Grey])
        {
            VideoFormat asked = new() { Type = VideoCalls.Capture, Width = WantedWidth, Height = WantedHeight, PixelFormat = wanted };
            Require(VideoCalls.SetFormat, &asked, "cannot choose a format");

            // The driver answers with what it will really give.
            format = asked;
            if (asked.PixelFormat == wanted)
            {
                return;
            }
        }

        throw new EdgeSparseException($"the camera '{path}' gives frames as {VideoPixels.NameOf(format.PixelFormat)}; this program reads YUYV and GREY");
    }

    private void Start()
    {
        VideoRequestBuffers request = new() { Count = WantedBuffers, Type = VideoCalls.Capture, Memory = VideoCalls.Mapped };
        Require(VideoCalls.RequestBuffers, &request, "cannot get buffers");
        for (uint i = 0; i < request.Count; i++)
        {
            VideoBuffer buffer = new() { Index = i, Type = VideoCalls.Capture, Memory = VideoCalls.Mapped };
            Require(VideoCalls.QueryBuffer, &buffer, "cannot get buffers");
            nint address = VideoCalls.Map(0, buffer.Length, protection: 1 | 2, flags: 1, descriptor, (nint)buffer.Offset);
            if (address == -1)
            {
                throw Failed("cannot map its buffers");
            }

            buffers.Add((address, buffer.Length));
            Require(VideoCalls.Enqueue, &buffer, "cannot start capturing");
        }

        int type = (int)VideoCalls.Capture;
        Require(VideoCalls.StreamOn, &type, "cannot start capturing");
    }

    private VideoBuffer WaitForLatest()
    {
        VideoBuffer latest = default;
        for (bool any = false; !any;)
        {
            VideoCalls.PollEntry wait = new() { Descriptor = descriptor, Wanted = VideoCalls.Readable };
            int ready = VideoCalls.Poll(ref wait, 1, MostWaitMilliseconds);
            if (ready == 0)
            {
                throw new EdgeSparseException($"the camera '{path}' gave no frame within {MostWaitMilliseconds / 1000} s");
            }

            while (TryDequeue(out VideoBuffer next))
            {
                if (any)
                {
                    Require(VideoCalls.Enqueue, &latest, "cannot go on capturing");
                }

                latest = next;
                any = true;
            }

            // A signal may end the wait early; a device that is gone ends it at once, for ever.
            if (!any && (wait.Found & VideoCalls.Broken) != 0)
            {
                throw new EdgeSparseException($"the camera '{path}' is gone");
            }
        }

        return latest;
    }

    private bool TryDequeue(out VideoBuffer buffer)
    {
        VideoBuffer taken = new() { Type = VideoCalls.Capture, Memory = VideoCalls.Mapped };
        int result = VideoCalls.Control(descriptor, VideoCalls.Dequeue, &taken);
        buffer = taken;
        return result >= 0 || (Marshal.GetLastPInvokeError() is VideoCalls.Again or VideoCalls.Interrupted ? false : throw Failed("gives no more frames"));
    }

    private void Require(uint request, void* argument, string what)
    {
        if (VideoCalls.Control(descriptor, request, argument) < 0)
        {
            throw Failed(what);
        }
    }

    private EdgeSparseException Failed(string what) => new($"the camera '{path}': {what}: {Marshal.GetLastPInvokeErrorMessage()}");
}
