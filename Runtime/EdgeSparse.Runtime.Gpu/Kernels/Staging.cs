using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>Which threads share what they stage in shared memory: a warp where it can be, else the group.</summary>
internal static class Staging
{
    public static void Barrier(DeviceStep step)
    {
        if (step.IsWarpAlone != 0)
        {
            Warp.Barrier();
        }
        else
        {
            Group.Barrier();
        }
    }

    /// <summary>The slot of the first unit, which is the longest, of those that wait for each other; one that no unit has where there are none.</summary>
    public static int FirstSlot(DeviceStep step, int warp, int bundle) =>
        (step.IsWarpAlone != 0 ? (warp * step.Bundles) + bundle : bundle) << step.WarpShift;
}
