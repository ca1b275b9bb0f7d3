using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// One number out of one of each of some neighbouring threads, a power of two, through shared memory; always joined in the same
/// order. All threads of a group take part, whatever they work on.
/// </summary>
internal static class GroupReduction
{
    public static float Sum(ArrayView<float> shared, int threads, float value)
    {
        shared[Group.IdxX] = value;
        int thread = Group.IdxX & (threads - 1);
        for (int width = threads >> 1; width > 0; width >>= 1)
        {
            Group.Barrier();
            if (thread < width)
            {
                shared[Group.IdxX] += shared[Group.IdxX + width];
            }
        }

        return Shared(shared, threads);
    }

    public static float Max(ArrayView<float> shared, int threads, float value)
    {
        shared[Group.IdxX] = value;
        int thread = Group.IdxX & (threads - 1);
        for (int width = threads >> 1; width > 0; width >>= 1)
        {
            Group.Barrier();
            if (thread < width)
            {
                shared[Group.IdxX] = DeviceMath.Max(shared[Group.IdxX], shared[Group.IdxX + width]);
            }
        }

        return Shared(shared, threads);
    }

    public static float Min(ArrayView<float> shared, int threads, float value)
    {
        shared[Group.IdxX] = value;
        int thread = Group.IdxX & (threads - 1);
        for (int width = threads >> 1; width > 0; width >>= 1)
        {
            Group.Barrier();
            if (thread < width)
            {
                shared[Group.IdxX] = DeviceMath.Min(shared[Group.IdxX], shared[Group.IdxX + width]);
            }
        }

        return Shared(shared, threads);
    }

    public static float Product(ArrayView<float> shared, int threads, float value)
    {
        shared[Group.IdxX] = value;
        int thread = Group.IdxX & (threads - 1);
        for (int width = threads >> 1; width > 0; width >>= 1)
        {
            Group.Barrier();
            if (thread < width)
            {
                shared[Group.IdxX] *= shared[Group.IdxX + width];
            }
        }

        return Shared(shared, threads);
    }

    /// <summary>The result for all threads; after it the memory may be used again.</summary>
    private static float Shared(ArrayView<float> shared, int threads)
    {
        Group.Barrier();
        float result = shared[Group.IdxX & -threads];
        Group.Barrier();
        return result;
    }
}
