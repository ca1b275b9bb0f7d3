using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>Where the elements of a channel's region lie, and how four neighbouring ones are loaded, finished and stored.</summary>
internal static class Pixels
{
    /// <summary>Elements of the arena before the sample's of this group of threads.</summary>
    public static int Sample(DeviceStep step) => Grid.IdxY * step.ArenaStride;

    /// <summary>This thread's number among all of its sample.</summary>
    public static int Thread() => (Grid.IdxX * Group.DimX) + Group.IdxX;

    /// <summary>The place of an element of a channel, counted along rows of slots, in a value with these strides.</summary>
    public static int Place(int element, int rowElements, int lanes, int rowStride, int slotStride)
    {
        int row = element / rowElements;
        int rest = element - (row * rowElements);
        int slot = rest / lanes;
        return (row * rowStride) + (slot * slotStride) + (rest - (slot * lanes));
    }

    /// <summary>The place of a window's first element for an element of the output, from the input's slot (0, 0).</summary>
    public static int Window(DeviceStep step, int element) => Place(
        element, step.Output.RegionX * step.Output.Lanes, step.Output.Lanes, step.StrideY * step.Input.RowStride, step.StrideX * step.Output.Lanes);

    /// <summary>The place of an element of a channel in a value that has the output's regions.</summary>
    public static int Same(DeviceStep step, DevicePlanes planes, int element)
    {
        int rowElements = step.Output.RegionX * step.Output.Lanes;
        int row = element / rowElements;
        return (row * planes.RowStride) + (element - (row * rowElements));
    }

    /// <summary>Four elements from a place on that the thread's elements have in the input, side by side or each elsewhere.</summary>
    public static Float4 Load(ArrayView<float> arena, DeviceStep step, int at, Places4 places)
    {
        if (step.IsAligned != 0)
        {
            return Float4.Load(arena, at + places.X);
        }

        return new Float4 { X = arena[at + places.X], Y = arena[at + places.Y], Z = arena[at + places.Z], W = arena[at + places.W] };
    }

    /// <summary>Adds what is to be added, applies the activation and stores, as many of the four as the channel has, and what of the frame goes with them.</summary>
    public static void Finish(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step, int sample, int row, int element, Float4 sums)
    {
        int to = sample + step.Output.Slots + (row * step.Output.ChannelStride);
        int added = sample + step.Input1.Slots + (row * step.Input1.ChannelStride);
        if (step.IsAligned != 0)
        {
            if (step.Input1.Channels != 0)
            {
                sums = Float4.Add(sums, Float4.Load(arena, added + Same(step, step.Input1, element)));
            }

            sums.X = Epilogue.Of(step, sums.X);
            sums.Y = Epilogue.Of(step, sums.Y);
            sums.Z = Epilogue.Of(step, sums.Z);
            sums.W = Epilogue.Of(step, sums.W);
            Float4.Store(arena, to + Same(step, step.Output, element), sums);
        }
        else
        {
            sums.X = FinishOne(arena, step, to, added, element, sums.X);
            sums.Y = FinishOne(arena, step, to, added, element + 1, sums.Y);
            sums.Z = FinishOne(arena, step, to, added, element + 2, sums.Z);
            sums.W = FinishOne(arena, step, to, added, element + 3, sums.W);
        }

        if (step.WritesFrame != 0)
        {
            Frame(arena, constants, step, to, element >> 2, sums);
        }
    }

    /// <summary>Repeats a piece's pixels in the frame.</summary>
    /// <param name="arena">The arena.</param>
    /// <param name="constants">The constants.</param>
    /// <param name="step">One that writes its frame.</param>
    /// <param name="channel">Slot (0, 0) of the piece's channel.</param>
    /// <param name="piece">Its place among the channel's.</param>
    /// <param name="pixels">What has been stored.</param>
    public static void Frame(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step, int channel, int piece, Float4 pixels)
    {
        int end = step.Frame + constants[step.Frame + piece + 1];
        for (int at = step.Frame + constants[step.Frame + piece]; at < end; at++)
        {
            int entry = constants[at];
            int which = entry & 7;
            float pixel = (which & 1) == 0 ? pixels.X : pixels.Y;
            float other = (which & 1) == 0 ? pixels.Z : pixels.W;
            pixel = (which & 2) == 0 ? pixel : other;
            arena[channel + (entry >> 3)] = (which & FramePlan.Beyond) == 0 ? pixel : step.Beyond;
        }
    }

    private static float FinishOne(ArrayView<float> arena, DeviceStep step, int to, int added, int element, float sum)
    {
        if (element < step.Output.RegionY * step.Output.RegionX * step.Output.Lanes)
        {
            if (step.Input1.Channels != 0)
            {
                sum += arena[added + Same(step, step.Input1, element)];
            }

            sum = Epilogue.Of(step, sum);
            arena[to + Same(step, step.Output, element)] = sum;
        }

        return sum;
    }
}

/// <summary>Where a thread's four elements lie in the input, from what a weight's offset says.</summary>
internal struct Places4
{
    public int X;
    public int Y;
    public int Z;
    public int W;

    /// <summary>Those of four neighbouring elements of the output; ones beyond the map are taken for its last.</summary>
    public static Places4 Of(DeviceStep step, int element)
    {
        int last = (step.Output.RegionY * step.Output.RegionX * step.Output.Lanes) - 1;
        return new Places4
        {
            X = Pixels.Window(step, element),
            Y = Pixels.Window(step, element < last ? element + 1 : last),
            Z = Pixels.Window(step, element + 1 < last ? element + 2 : last),
            W = Pixels.Window(step, element + 2 < last ? element + 3 : last),
        };
    }
}
