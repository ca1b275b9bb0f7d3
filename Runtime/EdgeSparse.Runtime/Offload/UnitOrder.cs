namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// The row swizzle of Gale, Zaharia, Young and Elsen, "Sparse GPU Kernels for Deep Learning" (2020), section V.C: units of weights in
/// falling order of their number of entries, so that those that a group of threads takes together keep its threads equally busy,
/// and the longest ones are begun first.
/// </summary>
internal static class UnitOrder
{
    /// <param name="pointers">First entry of each unit, then the number of entries.</param>
    public static int[] Of(ReadOnlySpan<int> pointers)
    {
        int count = pointers.Length - 1;

        // Length and place in one number: equally long ones stay in their order.
        long[] keys = new long[count];
        for (int i = 0; i < count; i++)
        {
            keys[i] = ((long)(int.MaxValue - (pointers[i + 1] - pointers[i])) << 32) | (uint)i;
        }

        Array.Sort(keys);
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = (int)(uint)keys[i];
        }

        return order;
    }
}
