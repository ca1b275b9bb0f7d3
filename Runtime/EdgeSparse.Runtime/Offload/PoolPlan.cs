using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime.Offload;

/// <summary>Pooling over windows and over whole maps.</summary>
internal static unsafe class PoolPlan
{
    public static void Add(DevicePlanner planner, OperationRecord* operation)
    {
        DeviceStep step = planner.StepOf(operation);
        switch (operation->Kind)
        {
            case OperationKind.MaxPool:
                AddFrame(planner, operation, ref step);
                step.Count = step.Output.Channels * step.Output.MapElements;
                planner.Launch(DeviceKernel.MaxPool, step);
                break;
            case OperationKind.AveragePool:
                AddFrame(planner, operation, ref step);
                step.Count = step.Output.Channels * step.Output.MapElements;
                step.Parameters = planner.Constants.Add(Reciprocals(planner.Blob, operation));
                planner.Launch(DeviceKernel.AveragePool, step);
                break;
            default:
                step.Function = operation->Kind == OperationKind.GlobalMaxPool ? 1 : 0;
                step.Count = step.Input.Channels;
                step.Length = step.Input.Height * step.Input.Width;
                step.UnitThreads = planner.ThreadsFor(step.Length / 2);
                planner.LaunchLines(DeviceKernel.GlobalPool, step);
                break;
        }
    }

    private static void AddFrame(DevicePlanner planner, OperationRecord* operation, ref DeviceStep step)
    {
        if (planner.IsWithCopy(out int copy, out DevicePlanes planes))
        {
            FramePlan.AddCopy(planner, copy, planes, ref step);
        }
        else
        {
            FramePlan.AddTo(planner, operation, 1, ref step);
        }
    }

    /// <summary>1 / (pixels that the window counts) of every element of a channel of the output, as the CPU's kernel has it.</summary>
    private static ReadOnlySpan<float> Reciprocals(BlobView blob, OperationRecord* operation)
    {
        using var memory = new NativeArena();
        var step = (Step*)memory.Allocate(sizeof(Step));
        step->Input = PlanBuilder.Resolve(blob, operation->Input0, null);
        step->Output = PlanBuilder.Resolve(blob, operation->Output, null);
        (step->KernelY, step->KernelX, step->StrideY, step->StrideX) = (operation->KernelY, operation->KernelX, operation->StrideY, operation->StrideX);
        (step->PadTop, step->PadLeft, step->PadBottom, step->PadRight) = (operation->PadTop, operation->PadLeft, operation->PadBottom, operation->PadRight);
        (step->DilationY, step->DilationX, step->CountIncludePad) = (operation->DilationY, operation->DilationX, operation->CountIncludePad);
        PoolingPlan.Plan(step, isAverage: true, memory);
        return new ReadOnlySpan<float>(step->Table, step->TableLength).ToArray();
    }
}
