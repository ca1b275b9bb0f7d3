namespace EdgeSparse.Runtime.Blob;

/// <summary>MatMul: matrices inside the planar operands at every place of the repetition, an output of all products.</summary>
internal static unsafe class MatMulCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        const int head = 4;
        const int words = 3;
        ref readonly ValueRecord z = ref blob.Values[blob.Operations[i].Input1];
        ParameterBlock block = ParameterBlock.Of(blob, i, head);
        Int128 m = block.Positive(blob, i, "m", 0);
        Int128 k = block.Positive(blob, i, "k", 1);
        Int128 n = block.Positive(blob, i, "n", 2);
        int rank = block.Rank(blob, i, 3);
        block.RequireCount(blob, i, head + (words * rank));
        LayoutCheck.RequirePlanar(blob, i, "input", in x);
        LayoutCheck.RequirePlanar(blob, i, "input", in z);
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        ParameterBlock.RequireElements(blob, i, "output", in y, BroadcastCheck.Elements(blob, i, block, head, rank, words) * m * n);
        BroadcastCheck.RequireReach(blob, i, block, head, rank, words, 1, in x, m * k);
        BroadcastCheck.RequireReach(blob, i, block, head, rank, words, 2, in z, k * n);
    }
}
