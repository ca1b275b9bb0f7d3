namespace EdgeSparse.Runtime.Blob;

/// <summary>LocalResponse: a window of at least one channel, finite numbers.</summary>
internal static unsafe class LocalResponseCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        LayoutCheck.RequireSameRegions(blob, i, in x, in y);
        ParameterBlock block = ParameterBlock.OfExactly(blob, i, 4);
        block.Positive(blob, i, "size", 0);
        if (!float.IsFinite(block.Single(1)) || !float.IsFinite(block.Single(2)) || !float.IsFinite(block.Single(3)))
        {
            throw OperationCheck.Wrong(blob, i, "its alpha " + block.Single(1) + ", beta " + block.Single(2) + " or bias " + block.Single(3)
                + " is not finite");
        }
    }
}
