using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// One result out of one of each of the threads of a unit, through shared memory; always joined in the same order. All threads of a
/// group take part, whatever they work on.
/// </summary>
internal static class GroupReduction
{
    /// <summary>The result for the unit's first thread; after it the memory may not be used again before a barrier.</summary>
    /// <typeparam name="T">Of the results.</typeparam>
    /// <typeparam name="TJoin">How two become one.</typeparam>
    /// <param name="shared">One place for each thread of the group.</param>
    /// <param name="step">The step.</param>
    /// <param name="value">The thread's.</param>
    /// <returns>The unit's for its first thread; for others nothing of use.</returns>
    public static T ForFirst<T, TJoin>(ArrayView<T> shared, DeviceStep step, T value)
        where T : unmanaged
        where TJoin : struct, IJoin<T>
    {
        shared[Group.IdxX] = value;
        int thread = Group.IdxX & (step.UnitThreads - 1);
        for (int width = step.UnitThreads >> 1; width > 0; width >>= 1)
        {
            Staging.Barrier(step);
            if (thread < width)
            {
                value = default(TJoin).Of(value, shared[Group.IdxX + width]);
                shared[Group.IdxX] = value;
            }
        }

        return value;
    }

    /// <summary>The result for all threads of the unit; after it the memory may be used again.</summary>
    /// <typeparam name="TJoin">How two results become one.</typeparam>
    /// <param name="shared">One place for each thread of the group.</param>
    /// <param name="step">The step.</param>
    /// <param name="value">The thread's.</param>
    public static float ForAll<TJoin>(ArrayView<float> shared, DeviceStep step, float value)
        where TJoin : struct, IJoin<float>
    {
        ForFirst<float, TJoin>(shared, step, value);
        Staging.Barrier(step);
        float result = shared[Group.IdxX & -step.UnitThreads];
        Staging.Barrier(step);
        return result;
    }
}
