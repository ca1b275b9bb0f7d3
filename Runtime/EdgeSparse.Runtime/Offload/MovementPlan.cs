using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>What copies elements to other places.</summary>
internal static unsafe class MovementPlan
{
    public static void Add(DevicePlanner planner, OperationRecord* operation)
    {
        DeviceStep step = planner.StepOf(operation);
        switch (operation->Kind)
        {
            case OperationKind.Relayout:
                AddRelayout(planner, operation, ref step);
                break;
            case OperationKind.Rearrange:
                AddRearrange(planner, operation, ref step);
                break;
            case OperationKind.Channels:
                step.Parameters = planner.Parameters(operation);
                step.Count = planner.ParameterWords(operation).Length / 2 * step.Output.MapElements;
                planner.Launch(DeviceKernel.Channels, step);
                break;
            default:
                step.Parameters = planner.Parameters(operation);
                step.Count = step.Output.Count;
                planner.LaunchOnce(DeviceKernel.Fill, step);
                break;
        }
    }

    private static void AddRelayout(DevicePlanner planner, OperationRecord* operation, ref DeviceStep step)
    {
        ref readonly ValueRecord output = ref planner.Blob.Values[operation->Output];
        DevicePlanner.AddFrame(ref step, in output);
        if (step.Input.IsPlanar && step.Output.IsPlanar)
        {
            TakeVector(ref step.Input);
            TakeVector(ref step.Output);
            step.Count = step.Output.Count;
        }
        else
        {
            // Where the shapes differ, the planar value's pixels have the order of the other's: it takes that shape.
            if (step.Input.IsPlanar)
            {
                TakeShape(ref step.Input, in step.Output);
            }
            else if (step.Output.IsPlanar)
            {
                TakeShape(ref step.Output, in step.Input);
            }

            step.Count = step.Output.IsPlanar ? step.Output.Count : DevicePlanner.FrameElements(in output);
        }

        planner.Launch(DeviceKernel.Relayout, step);
    }

    /// <summary>The same elements as one row of pixels.</summary>
    private static void TakeVector(ref DevicePlanes planar)
    {
        int count = planar.Count;
        planar.Channels = planar.Height = planar.RegionY = 1;
        planar.Width = planar.RegionX = planar.RowStride = planar.ChannelStride = count;
    }

    /// <summary>The same elements in the shape of another value.</summary>
    public static void TakeShape(ref DevicePlanes planar, in DevicePlanes other)
    {
        planar.Channels = other.Channels;
        planar.Height = planar.RegionY = other.Height;
        planar.Width = planar.RegionX = planar.RowStride = other.Width;
        planar.ChannelStride = other.Height * other.Width;
    }

    private static void AddRearrange(DevicePlanner planner, OperationRecord* operation, ref DeviceStep step)
    {
        ReadOnlySpan<int> words = planner.ParameterWords(operation);
        step.Count = 1;
        for (int d = 0; d < words[0]; d++)
        {
            step.Count *= words[2 + (2 * d)];
        }

        step.Parameters = planner.Parameters(operation);
        planner.Launch(DeviceKernel.Rearrange, step);
    }
}
