using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>Copies between layouts and into frames, an element a thread.</summary>
internal static class LayoutKernels
{
    /// <summary>Every slot of the output, halo included.</summary>
    public static void Relayout(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        FrameElement to = FrameElement.Of(step, thread);
        int pixel = PixelOf(step.Output, to.Lane, to.Row, to.Column);
        int input = Pixels.Sample(step) + step.Input.Slots + (to.Channel * step.Input.ChannelStride);
        arena[to.Place] = pixel < 0 ? step.Beyond : arena[input + PlaceOf(step.Input, pixel)];
    }

    /// <summary>The halo and the lanes beyond the map, after a step has written all pixels to slots of the region.</summary>
    public static void FrameFill(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        FrameElement to = FrameElement.Of(step, thread);
        int pixel = PixelOf(step.Output, to.Lane, to.Row, to.Column);
        int output = Pixels.Sample(step) + step.Output.Slots + (to.Channel * step.Output.ChannelStride);
        if (pixel < 0)
        {
            arena[to.Place] = step.Beyond;
            return;
        }

        // A pixel's own place is in the region, where nothing is written here.
        int from = output + PlaceOf(step.Output, pixel);
        if (from != to.Place)
        {
            arena[to.Place] = arena[from];
        }
    }

    /// <summary>Whole channels: (output channel, input channel) pairs.</summary>
    public static void Channels(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int elements = step.Output.RegionY * step.Output.RegionX * step.Output.Lanes;
        int pair = thread / elements;
        int element = thread - (pair * elements);
        int sample = Pixels.Sample(step);
        int to = sample + step.Output.Slots + (constants[step.Parameters + (2 * pair)] * step.Output.ChannelStride);
        int from = sample + step.Input.Slots + (constants[step.Parameters + (2 * pair) + 1] * step.Input.ChannelStride);
        arena[to + Pixels.Same(step, step.Output, element)] = arena[from + Pixels.Same(step, step.Input, element)];
    }

    public static void Fill(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread < step.Count)
        {
            arena[Pixels.Sample(step) + step.Output.Slots + thread] = DeviceMath.FromBits(constants[step.Parameters + thread]);
        }
    }

    /// <summary>The pixel y·Width + x that a lane of a slot holds, −1 where the map has none.</summary>
    private static int PixelOf(DevicePlanes planes, int lane, int row, int column)
    {
        if (planes.GridY == 0)
        {
            int flat = (((lane * planes.RegionY) + row) * planes.RegionX) + column;
            return flat < planes.Height * planes.Width ? flat : -1;
        }

        int y = (lane / planes.GridX * planes.RegionY) + row;
        int x = (lane % planes.GridX * planes.RegionX) + column;
        return y >= 0 & y < planes.Height & x >= 0 & x < planes.Width ? (y * planes.Width) + x : -1;
    }

    /// <summary>Elements from slot (0, 0) of a channel to a pixel.</summary>
    public static int PlaceOf(DevicePlanes planes, int pixel)
    {
        if (planes.GridY == 0)
        {
            int region = planes.RegionY * planes.RegionX;
            int lane = pixel / region;
            int slot = pixel - (lane * region);
            return (slot / planes.RegionX * planes.RowStride) + (slot % planes.RegionX * planes.Lanes) + lane;
        }

        int y = pixel / planes.Width;
        int x = pixel - (y * planes.Width);
        int laneY = y / planes.RegionY;
        int laneX = x / planes.RegionX;
        laneY = laneY < planes.GridY ? laneY : planes.GridY - 1;
        laneX = laneX < planes.GridX ? laneX : planes.GridX - 1;
        return ((y - (laneY * planes.RegionY)) * planes.RowStride) + ((x - (laneX * planes.RegionX)) * planes.Lanes)
            + (laneY * planes.GridX) + laneX;
    }

    /// <summary>An element of the output's slots, halo included.</summary>
    private struct FrameElement
    {
        public int Channel;
        public int Row;
        public int Column;
        public int Lane;
        public int Place;

        public static FrameElement Of(DeviceStep step, int thread)
        {
            int columns = step.HaloLeft + step.Output.RegionX + step.HaloRight;
            int rows = step.HaloTop + step.Output.RegionY + step.HaloBottom;
            int slot = thread / step.Output.Lanes;
            int line = slot / columns;
            int channel = line / rows;
            int row = line - (channel * rows) - step.HaloTop;
            int column = slot - (line * columns) - step.HaloLeft;
            int lane = thread - (slot * step.Output.Lanes);
            return new FrameElement
            {
                Channel = channel,
                Row = row,
                Column = column,
                Lane = lane,
                Place = Pixels.Sample(step) + step.Output.Slots + (channel * step.Output.ChannelStride) + (row * step.Output.RowStride)
                    + (column * step.Output.Lanes) + lane,
            };
        }
    }
}
