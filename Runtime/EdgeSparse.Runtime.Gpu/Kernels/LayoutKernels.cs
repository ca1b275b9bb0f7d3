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
        int pixel = DevicePlanes.PixelOf(step.Output, to.Lane, to.Row, to.Column);
        int input = Pixels.Sample(step) + step.Input.Slots + (to.Channel * step.Input.ChannelStride);
        arena[to.Place] = pixel < 0 ? step.Beyond : arena[input + DevicePlanes.PlaceOf(step.Input, pixel)];
    }

    /// <summary>
    /// The halo and the lanes beyond the map, after a step has written all pixels to slots of the region. Parameters: for each of
    /// Length elements of a channel where it lies and where its pixel does, −1 where the map has none.
    /// </summary>
    public static void FrameFill(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int channel = thread / step.Length;
        int at = step.Parameters + (2 * (thread - (channel * step.Length)));
        int output = Pixels.Sample(step) + step.Output.Slots + (channel * step.Output.ChannelStride);
        int from = constants[at + 1];
        arena[output + constants[at]] = from < 0 ? step.Beyond : arena[output + from];
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
