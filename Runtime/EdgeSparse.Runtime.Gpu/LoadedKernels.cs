using EdgeSparse.Runtime.Gpu.Kernels;
using EdgeSparse.Runtime.Offload;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace EdgeSparse.Runtime.Gpu;

/// <summary>The kernels of a plan, compiled for an accelerator, each once.</summary>
internal sealed class LoadedKernels
{
    private readonly Dictionary<DeviceKernel, Action<KernelConfig, ArrayView<float>, ArrayView<int>, DeviceStep>> kernels = [];

    public LoadedKernels(Accelerator accelerator, DevicePlan plan)
    {
        foreach (DeviceLaunch launch in plan.Setup.Concat(plan.Launches))
        {
            if (!kernels.ContainsKey(launch.Kernel))
            {
                Action<ArrayView<float>, ArrayView<int>, DeviceStep> kernel = KernelMethods.Of(launch.Kernel, plan.Shape.ProductThreads);
                kernels[launch.Kernel] = accelerator is CudaAccelerator cuda ? PtxBranches.Load(cuda, kernel) : accelerator.LoadStreamKernel(kernel);
            }
        }
    }

    /// <summary>Queues a launch.</summary>
    public void Launch(DeviceLaunch launch, ArrayView<float> arena, ArrayView<int> constants) => kernels[launch.Kernel](
        new KernelConfig(new Index2D(launch.Groups, launch.Samples), new Index2D(launch.Threads, 1)), arena, constants, launch.Step);
}
