using System.Runtime.CompilerServices;
using PiClassifier;
using PiClassifier.Camera;

namespace EdgeSparse.Samples.Tests.PiClassifier;

/// <summary>No camera is needed: sizes and numbers are the kernel's, as <c>linux/videodev2.h</c> gives them on x64 and Arm64.</summary>
public class VideoTests
{
    [Fact]
    public void Structures_have_the_kernels_sizes()
    {
        Assert.Equal(104, Unsafe.SizeOf<VideoCapability>());
        Assert.Equal(208, Unsafe.SizeOf<VideoFormat>());
        Assert.Equal(20, Unsafe.SizeOf<VideoRequestBuffers>());
        Assert.Equal(88, Unsafe.SizeOf<VideoBuffer>());
    }

    [Fact]
    public void Requests_have_the_kernels_numbers()
    {
        Assert.Equal(0x8068_5600, VideoCalls.QueryCapability);
        Assert.Equal(0xC0D0_5605, VideoCalls.SetFormat);
        Assert.Equal(0xC014_5608, VideoCalls.RequestBuffers);
        Assert.Equal(0xC058_5609, VideoCalls.QueryBuffer);
        Assert.Equal(0xC058_560F, VideoCalls.Enqueue);
        Assert.Equal(0xC058_5611, VideoCalls.Dequeue);
        Assert.Equal(0x4004_5612u, VideoCalls.StreamOn);
    }

    [Fact]
    public void Formats_are_told_by_four_letters()
    {
        Assert.Equal(0x5659_5559u, VideoPixels.Yuyv);
        Assert.Equal(0x5945_5247u, VideoPixels.Grey);
        Assert.Equal("MJPG", VideoPixels.NameOf(0x4750_4A4D));
    }

    /// <summary>The colour bars of ITU-R BT.801 as BT.601 codes them: white, black, red, blue at full range.</summary>
    [Fact]
    public void Frames_of_YUYV_become_colours_and_what_fills_a_row_is_left_out()
    {
        byte[] frame =
        [
            235, 128, 16, 128, 0xEE, 0xEE,
            81, 90, 81, 240, 0xEE, 0xEE,
            41, 240, 41, 110, 0xEE, 0xEE,
        ];

        Picture picture = VideoPixels.ToPicture(VideoPixels.Yuyv, frame, 2, 3, stride: 6);

        Assert.Equal((2, 3, 3), (picture.Width, picture.Height, picture.Channels));
        byte[] expected = [255, 255, 255, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255];
        Assert.All(picture.Pixels.Zip(expected), p => Assert.InRange(p.First, Math.Max(0, p.Second - 1), Math.Min(255, p.Second + 1)));
    }

    [Fact]
    public void Frames_of_grey_are_taken_as_they_are() =>
        Assert.Equal([1, 2, 3, 4], VideoPixels.ToPicture(VideoPixels.Grey, [1, 2, 0, 3, 4, 0], 2, 2, stride: 3).Pixels);
}
