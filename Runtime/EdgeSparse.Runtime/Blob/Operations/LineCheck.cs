namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// What goes along the middle of (outer, length, inner), all planar: Softmax, Reduce, TopK, Gather, Resample; and Normalise, which has rows.
/// </summary>
internal static unsafe class LineCheck
{
    public static void CheckSoftmax(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        (long outer, long length, long inner) = Lines(blob, i, ParameterBlock.OfExactly(blob, i, 3), in x, in y);
        ParameterBlock.RequireElements(blob, i, "input", in x, outer * (Int128)length * inner);
        ParameterBlock.RequireElements(blob, i, "output", in y, outer * (Int128)length * inner);
    }

    public static void CheckReduce(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        (long outer, long length, long inner) = Lines(blob, i, ParameterBlock.OfExactly(blob, i, 3), in x, in y);
        ParameterBlock.RequireElements(blob, i, "input", in x, outer * (Int128)length * inner);
        ParameterBlock.RequireElements(blob, i, "output", in y, outer * (Int128)inner);
    }

    public static void CheckTopK(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        ParameterBlock block = ParameterBlock.OfExactly(blob, i, 6);
        (long outer, long length, long inner) = Lines(blob, i, block, in x, in y);
        int k = block.Positive(blob, i, "k", 3);
        if (k > length || block[4] is not (0 or 1) || block[5] is not (0 or 1))
        {
            throw OperationCheck.Wrong(blob, i, "its k " + k + " is above the length " + length + ", or its flags " + block[4] + " and " + block[5]
                + " are not 0 or 1");
        }

        ParameterBlock.RequireElements(blob, i, "input", in x, outer * (Int128)length * inner);
        ParameterBlock.RequireElements(blob, i, "output", in y, outer * (Int128)k * inner);
    }

    public static void CheckGather(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        ref readonly ValueRecord indices = ref blob.Values[blob.Operations[i].Input1];
        ParameterBlock block = ParameterBlock.OfExactly(blob, i, 4);
        (long outer, long length, long inner) = Lines(blob, i, block, in x, in y);
        int count = block.Positive(blob, i, "number of indices", 3);
        LayoutCheck.RequirePlanar(blob, i, "input", in indices);
        ParameterBlock.RequireElements(blob, i, "input", in x, outer * (Int128)length * inner);
        ParameterBlock.RequireElements(blob, i, "input", in indices, count);
        ParameterBlock.RequireElements(blob, i, "output", in y, outer * (Int128)count * inner);
    }

    public static void CheckResample(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        const int head = 5;
        ParameterBlock block = ParameterBlock.Of(blob, i, head);
        (long outer, long length, long inner) = Lines(blob, i, block, in x, in y);
        int outputs = block.Positive(blob, i, "length of the output", 3);
        int taps = block.Positive(blob, i, "number of taps", 4);
        block.RequireCount(blob, i, head + (2 * (Int128)outputs * taps));
        ParameterBlock.RequireElements(blob, i, "input", in x, outer * (Int128)length * inner);
        ParameterBlock.RequireElements(blob, i, "output", in y, outer * (Int128)outputs * inner);
        long count = (long)outputs * taps;
        for (long tap = 0; tap < count; tap++)
        {
            if ((uint)block[head + tap] >= (uint)length || !float.IsFinite(block.Single(head + count + tap)))
            {
                throw OperationCheck.Wrong(blob, i, "its tap " + tap + " has the place " + block[head + tap] + " of " + length + " and the weight "
                    + block.Single(head + count + tap));
            }
        }
    }

    public static void CheckNormalise(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        ParameterBlock block = ParameterBlock.OfExactly(blob, i, 2);
        Int128 elements = (Int128)block.Positive(blob, i, "number of rows", 0) * block.Positive(blob, i, "length", 1);
        LayoutCheck.RequirePlanar(blob, i, "input", in x);
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        ParameterBlock.RequireElements(blob, i, "input", in x, elements);
        ParameterBlock.RequireElements(blob, i, "output", in y, elements);
    }

    private static (long Outer, long Length, long Inner) Lines(BlobView blob, int i, ParameterBlock block, in ValueRecord x, in ValueRecord y)
    {
        LayoutCheck.RequirePlanar(blob, i, "input", in x);
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        return (block.Positive(blob, i, "outer length", 0), block.Positive(blob, i, "length", 1), block.Positive(blob, i, "inner length", 2));
    }
}
