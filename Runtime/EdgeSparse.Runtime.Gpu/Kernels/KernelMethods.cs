using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>The code of each kernel: all take the arena, the constants and one step.</summary>
internal static class KernelMethods
{
    /// <param name="kernel">Which one.</param>
    /// <param name="groupThreads">The most threads that a group has; with no more than <see cref="DeviceShape.UsualGroupThreads"/> products take little shared memory.</param>
    public static Action<ArrayView<float>, ArrayView<int>, DeviceStep> Of(DeviceKernel kernel, int groupThreads) => kernel switch
    {
        DeviceKernel.SparseRows => groupThreads <= DeviceShape.UsualGroupThreads ? SparseRowsKernel.Run<LittleRoom> : SparseRowsKernel.Run<MuchRoom>,
        DeviceKernel.SparseQuads => groupThreads <= DeviceShape.UsualGroupThreads ? SparseQuadsKernel.Run<LittleRoom> : SparseQuadsKernel.Run<MuchRoom>,
        DeviceKernel.VectorRows => VectorKernels.Rows,
        DeviceKernel.VectorQuads => VectorKernels.Quads,
        DeviceKernel.Depthwise => WindowKernels.Depthwise,
        DeviceKernel.MaxPool => WindowKernels.MaxPool,
        DeviceKernel.AveragePool => WindowKernels.AveragePool,
        DeviceKernel.GatherBatch => VectorKernels.Gather,
        DeviceKernel.ScatterBatch => VectorKernels.Scatter,
        DeviceKernel.Activate => ElementKernels.Activate,
        DeviceKernel.ChannelAffine => ElementKernels.ChannelAffine,
        DeviceKernel.Binary => ElementKernels.Binary,
        DeviceKernel.Broadcast => BroadcastKernels.Broadcast,
        DeviceKernel.Select => BroadcastKernels.Select,
        DeviceKernel.Relayout => LayoutKernels.Relayout,
        DeviceKernel.FrameFill => LayoutKernels.FrameFill,
        DeviceKernel.Rearrange => BroadcastKernels.Rearrange,
        DeviceKernel.Channels => LayoutKernels.Channels,
        DeviceKernel.GlobalPool => LineKernels.GlobalPool,
        DeviceKernel.Softmax => LineKernels.Softmax,
        DeviceKernel.Normalise => LineKernels.Normalise,
        DeviceKernel.Reduce => LineKernels.Reduce,
        DeviceKernel.ArgReduce => LineKernels.ArgReduce,
        DeviceKernel.TopK => ProductKernels.TopK,
        DeviceKernel.Resample => ProductKernels.Resample,
        DeviceKernel.LocalResponse => ElementKernels.LocalResponse,
        DeviceKernel.MatMul => ProductKernels.MatMul,
        DeviceKernel.Gather => BroadcastKernels.Gather,
        DeviceKernel.Fill => LayoutKernels.Fill,
        _ => throw new System.Diagnostics.UnreachableException($"no code for the kernel {kernel}"),
    };
}
