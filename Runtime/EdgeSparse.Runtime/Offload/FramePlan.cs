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
        var entries = new List<int>[(step.Output.MapElements + piece - 1) / piece];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = [];
        }

        int dealt = 0;
        foreach ((int to, int from) in Elements(in step))
        {
            if (from >= 0)
            {
                int element = ElementAt(in step.Output, from);
                entries[element / piece].Add((8 * to) + (element % piece));
            }
            else
            {
                // A lane beyond the map lies in the region, where a thread stores what it computes: the same thread writes over that.
                int element = ElementAt(in step.Output, to);
                entries[element >= 0 ? element / piece : dealt++ % entries.Length].Add((8 * to) + Beyond);
            }
        }

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

        step.WritesFrame = 1;
        step.Frame = planner.Constants.Add(CollectionsMarshal.AsSpan(table));
    }

    /// <summary>Adds a kernel that writes the frame of what an operation has written.</summary>
    public static void Launch(DevicePlanner planner, OperationRecord* operation)
    {
        DeviceStep step = planner.StepOf(operation);
        DevicePlanner.AddFrame(ref step, in planner.Blob.Values[operation->Output]);
        List<int> words = [];
        foreach ((int to, int from) in Elements(in step))
        {
            words.Add(to);
            words.Add(from);
        }

        if (words.Count > 0)
        {
            step.Parameters = planner.Constants.Add(CollectionsMarshal.AsSpan(words));
            step.Length = words.Count / 2;
            step.Count = step.Output.Channels * step.Length;
            planner.Launch(DeviceKernel.FrameFill, step);
        }
    }

    /// <summary>The frame's elements of a channel, from its slot (0, 0): where each lies, and where its pixel does, −1 where the map has none.</summary>
    private static List<(int To, int From)> Elements(in DeviceStep step)
    {
        List<(int To, int From)> elements = [];
        for (int row = -step.HaloTop; row < step.Output.RegionY + step.HaloBottom; row++)
        {
            for (int column = -step.HaloLeft; column < step.Output.RegionX + step.HaloRight; column++)
            {
                for (int lane = 0; lane < step.Output.Lanes; lane++)
                {
                    int to = (row * step.Output.RowStride) + (column * step.Output.Lanes) + lane;
                    int pixel = DevicePlanes.PixelOf(step.Output, lane, row, column);
                    int from = pixel < 0 ? -1 : DevicePlanes.PlaceOf(step.Output, pixel);

                    // A pixel's own place is in the region, where the operation has written it.
                    if (from != to || pixel < 0)
                    {
                        elements.Add((to, from));
                    }
                }
            }
        }

        return elements;
    }

    /// <summary>The element of a channel's region that lies at a place, −1 where that is in the halo.</summary>
    private static int ElementAt(in DevicePlanes planes, int place)
    {
        for (int row = 0; row < planes.RegionY; row++)
        {
            int rest = place - (row * planes.RowStride);
            if (rest >= 0 && rest < planes.RowElements)
            {
                return (row * planes.RowElements) + rest;
            }
        }

        return -1;
    }
}
