using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>What works along one dimension of planar values, and matrix products.</summary>
internal static unsafe class LinePlan
{
    /// <summary>Elements of a line that a thread should have at least.</summary>
    private const int FewestElements = 4;

    public static void Add(DevicePlanner planner, OperationRecord* operation)
    {
        DeviceStep step = planner.StepOf(operation);
        ReadOnlySpan<int> words = planner.ParameterWords(operation);
        step.Parameters = planner.Parameters(operation);
        (step.Outer, step.Length, step.Inner) = (words[0], words[1], words.Length > 2 ? words[2] : 1);
        switch (operation->Kind)
        {
            case OperationKind.Softmax:
                AddLines(planner, DeviceKernel.Softmax, ref step);
                break;
            case OperationKind.Normalise:
                AddLines(planner, DeviceKernel.Normalise, ref step);
                break;
            case OperationKind.Reduce:
                AddLines(
                    planner, step.Function >= (int)ReductionFunction.ArgMaxFirst ? DeviceKernel.ArgReduce : DeviceKernel.Reduce, ref step);
                break;
            case OperationKind.TopK:
                step.Count = step.Outer * step.Length * step.Inner;
                planner.Launch(DeviceKernel.TopK, step);
                break;
            case OperationKind.Gather:
                step.Rows = words[3];
                step.Count = step.Outer * step.Rows * step.Inner;
                planner.LaunchFailing(DeviceKernel.Gather, step);
                break;
            case OperationKind.Resample:
                step.Count = step.Outer * words[3] * step.Inner;
                planner.Launch(DeviceKernel.Resample, step);
                break;
            case OperationKind.MatMul:
                step.Count = step.Output.Count;
                planner.Launch(DeviceKernel.MatMul, step);
                break;
            default:
                throw new System.Diagnostics.UnreachableException("no device kernel for the operation kind " + (int)operation->Kind);
        }
    }

    private static void AddLines(DevicePlanner planner, DeviceKernel kernel, ref DeviceStep step)
    {
        step.Count = step.Outer * step.Inner;
        step.UnitThreads = planner.ThreadsFor(step.Length / FewestElements);
        planner.LaunchLines(kernel, step);
    }
}
