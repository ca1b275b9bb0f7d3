using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// The frame of what an operation writes, which is the halo and the lanes beyond the map: kernels that compute whole pieces of a channel write
/// it together with them, for others there is a kernel after them.
/// </summary>
internal static unsafe class FramePlan
{
    /// <summary>In place of a pixel of a piece: what the frame holds where the map has no pixel.</summary>
    public const int Beyond = 4;

    /// <summary>Has the step's kernel write the frame, if there is one.</summary>
    /// <param name="planner">The plan's.</param>
    /// <param name="operation">The step's.</param>
    /// <param name="piece">Neighbouring elements of a channel that a thread computes, 1 to 4.</param>
    /// <param name="step">The step.</param>
    public static void AddTo(DevicePlanner planner, OperationRecord* operation, int piece, ref DeviceStep step)
    {
        ref readonly ValueRecord output = ref planner.Blob.Values[operation->Output];
        if (output.Frame == Frame.None)
        {
            return;
        }

        DevicePlanner.AddFrame(ref step, in output);
        var entries = new Entries(in step.Output, piece);
        entries.AddFrame(in step, in step.Output, isElsewhere: false);
        step.WritesFrame = 1;
        step.Frame = planner.Constants.Add(entries.Table());
    }

    /// <summary>Has the step's kernel, whose threads compute an element each, write a copy of its output in another layout, with its frame, and no output.</summary>
    /// <param name="planner">The plan's.</param>
    /// <param name="copy">The value that is the copy.</param>
    /// <param name="planes">Where it lies.</param>
    /// <param name="step">The step.</param>
    public static void AddCopy(DevicePlanner planner, int copy, DevicePlanes planes, ref DeviceStep step)
    {
        if (planes.IsPlanar)
        {
            MovementPlan.TakeShape(ref planes, in step.Output);
        }

        var entries = new Entries(in step.Output, 1);
        for (int pixel = 0; pixel < planes.Height * planes.Width; pixel++)
        {
            entries.Add(DevicePlanes.PlaceOf(planes, pixel), pixel);
        }

        DevicePlanner.AddFrame(ref step, in planner.Blob.Values[copy]);
        entries.AddFrame(in step, in planes, isElsewhere: true);
        (step.Output.Slots, step.Output.ChannelStride) = (planes.Slots, planes.ChannelStride);
        step.WritesFrame = 2;
        step.Frame = planner.Constants.Add(entries.Table());
    }

    /// <summary>Adds a kernel that writes the frame of what an operation has written.</summary>
    public static void Launch(DevicePlanner planner, OperationRecord* operation)
    {
        DeviceStep step = planner.StepOf(operation);
        DevicePlanner.AddFrame(ref step, in planner.Blob.Values[operation->Output]);
        List<int> words = [];
        foreach ((int to, int pixel) in Elements(in step, in step.Output))
        {
            words.Add(to);
            words.Add(pixel < 0 ? -1 : DevicePlanes.PlaceOf(step.Output, pixel));
        }

        if (words.Count > 0)
        {
            step.Parameters = planner.Constants.Add(CollectionsMarshal.AsSpan(words));
            step.Length = words.Count / 2;
            step.Count = step.Output.Channels * step.Length;
            planner.Launch(DeviceKernel.FrameFill, step);
        }
    }

    /// <summary>The frame's elements of a channel, from its slot (0, 0): where each lies, and the pixel that it repeats, −1 where the map has none.</summary>
    private static List<(int To, int Pixel)> Elements(in DeviceStep step, in DevicePlanes planes)
    {
        List<(int To, int Pixel)> elements = [];
        for (int row = -step.HaloTop; row < planes.RegionY + step.HaloBottom; row++)
        {
            for (int column = -step.HaloLeft; column < planes.RegionX + step.HaloRight; column++)
            {
                for (int lane = 0; lane < planes.Lanes; lane++)
                {
                    int to = (row * planes.RowStride) + (column * planes.Lanes) + lane;
                    int pixel = DevicePlanes.PixelOf(planes, lane, row, column);

                    // A pixel's own place is in the region, where the operation has written it.
                    if (pixel < 0 || DevicePlanes.PlaceOf(planes, pixel) != to)
                    {
                        elements.Add((to, pixel));
                    }
                }
            }
        }

        return elements;
    }

    /// <summary>What goes with each piece of a channel.</summary>
    private sealed class Entries
    {
        private readonly DevicePlanes computed;
        private readonly int piece;
        private readonly List<int>[] entries;
        private int dealt;

        /// <param name="computed">Where threads compute.</param>
        /// <param name="piece">Neighbouring elements that a thread computes.</param>
        public Entries(in DevicePlanes computed, int piece)
        {
            this.computed = computed;
            this.piece = piece;
            entries = new List<int>[(computed.MapElements + piece - 1) / piece];
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = [];
            }
        }

        /// <summary>A pixel also goes to a place.</summary>
        public void Add(int to, int pixel)
        {
            int element = ElementAt(DevicePlanes.PlaceOf(computed, pixel));
            entries[element / piece].Add((8 * to) + (element % piece));
        }

        /// <param name="step">Has the halo.</param>
        /// <param name="written">What has the frame.</param>
        /// <param name="isElsewhere">Whether that is another value than the one that is computed.</param>
        public void AddFrame(in DeviceStep step, in DevicePlanes written, bool isElsewhere)
        {
            foreach ((int to, int pixel) in Elements(in step, in written))
            {
                if (pixel >= 0)
                {
                    Add(to, pixel);
                    continue;
                }

                // A lane beyond the map lies in the region, where a thread stores what it computes: the same thread writes over that.
                int element = isElsewhere ? -1 : ElementAt(to);
                entries[element >= 0 ? element / piece : dealt++ % entries.Length].Add((8 * to) + Beyond);
            }
        }

        /// <summary>As <see cref="DeviceStep.Frame"/> has it.</summary>
        public ReadOnlySpan<int> Table()
        {
            List<int> table = [];
            int behind = entries.Length + 1;
            foreach (List<int> own in entries)
            {
                table.Add(behind);
                behind += own.Count;
            }

            table.Add(behind);
            foreach (List<int> own in entries)
            {
                table.AddRange(own);
            }

            return CollectionsMarshal.AsSpan(table);
        }

        /// <summary>The element of a channel's region that lies at a place, −1 where that is in the halo.</summary>
        private int ElementAt(int place)
        {
            for (int row = 0; row < computed.RegionY; row++)
            {
                int rest = place - (row * computed.RowStride);
                if (rest >= 0 && rest < computed.RowElements)
                {
                    return (row * computed.RowElements) + rest;
                }
            }

            return -1;
        }
    }
}
