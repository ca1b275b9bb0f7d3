using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>Functions of single elements.</summary>
internal static unsafe class ElementPlan
{
    public static void Add(DevicePlanner planner, OperationRecord* operation)
    {
        DeviceStep step = planner.StepOf(operation);
        step.Count = step.Output.Channels * step.Output.MapElements;
        switch (operation->Kind)
        {
            case OperationKind.Activate:
                planner.Launch(DeviceKernel.Activate, step);
                break;
            case OperationKind.Add:
                step.Function = (int)ElementFunction.Add;
                planner.Launch(DeviceKernel.Binary, step);
                break;
            case OperationKind.ChannelAffine:
                WeightRecord* weight = planner.Blob.Weights + operation->Weight;
                step.Values = planner.Constants.Add(new ReadOnlySpan<float>(planner.Blob.Data + weight->DataValues, weight->Rows));
                step.Bias = planner.Constants.Add(new ReadOnlySpan<float>(planner.Blob.Data + weight->DataBias, weight->Rows));
                planner.Launch(DeviceKernel.ChannelAffine, step);
                break;
            case OperationKind.LocalResponse:
                step.Parameters = planner.Parameters(operation);
                planner.Launch(DeviceKernel.LocalResponse, step);
                break;
            case OperationKind.Select:
                step.Parameters = planner.Parameters(operation);
                step.Count = step.Output.Count;
                planner.Launch(DeviceKernel.Select, step);
                break;
            default:
                AddBinary(planner, operation, ref step);
                break;
        }
    }

    private static void AddBinary(DevicePlanner planner, OperationRecord* operation, ref DeviceStep step)
    {
        if (operation->ParameterBytes != 0)
        {
            step.Parameters = planner.Parameters(operation);
            step.Count = step.Output.Count;
            planner.Launch(DeviceKernel.Broadcast, step);
            return;
        }

        ref readonly DevicePlanes y = ref step.Output;
        ref DevicePlanes z = ref step.Input1;
        bool isSame = z.HasRegionsOf(in y) && z.Channels == y.Channels && z.Height == y.Height && z.Width == y.Width;
        if (!isSame)
        {
            // A number a channel: one that does not move along rows. A vector by a vector of another shape is no other case.
            z.ChannelStride = 1;
            z.RowStride = 0;
            z.Lanes = 0;
        }

        planner.Launch(DeviceKernel.Binary, step);
    }
}
