using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>The sums of a unit whose entries several parts of a group share, always joined in the same order.</summary>
internal static class Parts
{
    /// <summary>All threads of a group take part.</summary>
    /// <param name="shared">A four for each thread of the group; what it held may be overwritten once all threads are here.</param>
    /// <param name="step">The step.</param>
    /// <param name="share">The thread's part.</param>
    /// <param name="sums">The part's.</param>
    /// <returns>The unit's for part 0; for others nothing of use.</returns>
    public static Float4 Sum(ArrayView<Float4> shared, DeviceStep step, int share, Float4 sums)
    {
        Group.Barrier();
        shared[Group.IdxX] = sums;
        Group.Barrier();
        int others = share == 0 ? 1 << step.PartShift : 0;
        for (int part = 1; part < others; part++)
        {
            sums = Float4.Add(sums, shared[Group.IdxX + (part << step.UnitShift)]);
        }

        return sums;
    }

    /// <summary>As the other one, of the sums of four rows.</summary>
    /// <param name="shared">Four fours for each thread of the group.</param>
    /// <param name="step">The step.</param>
    /// <param name="share">The thread's part.</param>
    /// <param name="sums">The part's.</param>
    public static QuadSums Sum(ArrayView<Float4> shared, DeviceStep step, int share, QuadSums sums)
    {
        // The four rows' sums lie one after the other, so that neighbouring threads use neighbouring places.
        int row = Group.DimX;
        Group.Barrier();
        shared[Group.IdxX] = sums.A;
        shared[row + Group.IdxX] = sums.B;
        shared[(2 * row) + Group.IdxX] = sums.C;
        shared[(3 * row) + Group.IdxX] = sums.D;
        Group.Barrier();
        int others = share == 0 ? 1 << step.PartShift : 0;
        for (int part = 1; part < others; part++)
        {
            int other = Group.IdxX + (part << step.UnitShift);
            sums.A = Float4.Add(sums.A, shared[other]);
            sums.B = Float4.Add(sums.B, shared[row + other]);
            sums.C = Float4.Add(sums.C, shared[(2 * row) + other]);
            sums.D = Float4.Add(sums.D, shared[(3 * row) + other]);
        }

        return sums;
    }
}
