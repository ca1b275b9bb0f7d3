namespace EdgeSparse.Runtime.Blob;

/// <summary>What a weight's indices say of the elements that a step reads.</summary>
/// <param name="Largest">The largest index, −1 where there is none.</param>
/// <param name="Bits">Every bit that is set in any index: all are multiples of a power of two when its lower bits are not.</param>
/// <param name="Further">Elements from the first to the furthest that the weights of one index read.</param>
internal readonly record struct WeightIndices(long Largest, long Bits, long Further)
{
    public static WeightIndices None => new(-1, 0, 0);

    public static unsafe WeightIndices Of(byte* indices, long count, int indexBytes, long further) =>
        indexBytes == sizeof(ushort) ? Of((ushort*)indices, count, further) : Of((uint*)indices, count, further);

    private static unsafe WeightIndices Of(ushort* indices, long count, long further)
    {
        int largest = -1;
        int bits = 0;
        for (long k = 0; k < count; k++)
        {
            largest = Math.Max(largest, indices[k]);
            bits |= indices[k];
        }

        return new(largest, bits, further);
    }

    private static unsafe WeightIndices Of(uint* indices, long count, long further)
    {
        long largest = -1;
        uint bits = 0;
        for (long k = 0; k < count; k++)
        {
            largest = Math.Max(largest, indices[k]);
            bits |= indices[k];
        }

        return new(largest, bits, further);
    }
}
