using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>Where pixels lie, by the words of docs/format.md alone, and what a value's other elements must hold after a run.</summary>
internal static class SlotReference
{
    /// <summary>The element of pixel (c, y, x), from the value's start.</summary>
    public static int Element(in ValueRecord v, int c, int y, int x)
    {
        if (v.GridY == 0)
        {
            int p = (y * v.Width) + x;
            int slot = p % (v.RegionY * v.RegionX);
            return At(v, c, slot / v.RegionX, slot % v.RegionX, p / (v.RegionY * v.RegionX));
        }

        int ly = Math.Min(y / v.RegionY, v.GridY - 1);
        int lx = Math.Min(x / v.RegionX, v.GridX - 1);
        return At(v, c, y - (ly * v.RegionY), x - (lx * v.RegionX), (ly * v.GridX) + lx);
    }

    /// <summary>The pixels in row-major order.</summary>
    public static float[] Pixels(in ValueRecord v, ReadOnlySpan<float> elements)
    {
        float[] pixels = new float[v.Channels * v.Height * v.Width];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = elements[Element(v, i / (v.Height * v.Width), i / v.Width % v.Height, i % v.Width)];
        }

        return pixels;
    }

    /// <summary>Elements outside all slots are not a number, as before the run; a frame's slots hold pixels or what lies around them.</summary>
    public static void Check(in ValueRecord v, ReadOnlySpan<float> elements)
    {
        bool[] slots = new bool[elements.Length];
        for (int c = 0; c < v.Channels; c++)
        {
            for (int ry = -v.HaloTop; ry < v.RegionY + v.HaloBottom; ry++)
            {
                for (int rx = -v.HaloLeft; rx < v.RegionX + v.HaloRight; rx++)
                {
                    for (int lane = 0; lane < v.Lanes; lane++)
                    {
                        int at = At(v, c, ry, rx, lane);
                        slots[at] = true;
                        if (v.Frame != Frame.None && !elements[at].Equals(Framed(v, elements, c, ry, rx, lane)))
                        {
                            Assert.Fail($"slot ({c}, {ry}, {rx}) of {v.Channels}x{v.Height}x{v.Width} has in lane {lane} {elements[at]}, "
                                + $"not {Framed(v, elements, c, ry, rx, lane)}");
                        }
                    }
                }
            }
        }

        for (int i = 0; i < slots.Length; i++)
        {
            if (!slots[i] && !float.IsNaN(elements[i]))
            {
                Assert.Fail($"element {i} of {v.Channels}x{v.Height}x{v.Width}, which is in no slot, was written");
            }
        }
    }

    private static int At(in ValueRecord v, int c, int ry, int rx, int lane) =>
        v.Origin + (ry * v.RowStride) + (c * v.ChannelStride) + (rx * v.Lanes) + lane;

    /// <summary>What a lane of a slot of a framed value holds.</summary>
    private static float Framed(in ValueRecord v, ReadOnlySpan<float> elements, int c, int ry, int rx, int lane)
    {
        int y;
        int x;
        if (v.GridY == 0)
        {
            int p = (((lane * v.RegionY) + ry) * v.RegionX) + rx;
            (y, x) = (p / v.Width, p % v.Width);
        }
        else
        {
            (y, x) = ((lane / v.GridX * v.RegionY) + ry, (lane % v.GridX * v.RegionX) + rx);
        }

        return y >= 0 && y < v.Height && x >= 0 && x < v.Width
            ? elements[Element(v, c, y, x)]
            : v.Frame == Frame.Lowest ? float.NegativeInfinity : 0f;
    }
}
